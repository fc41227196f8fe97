extension LinePlot {
    /// The positions of the parts of the picture, in its units.
    struct Layout {
        /// The left edge of the panels, their width, and the margin inside before the first and after the last x.
        static let (left, width, inset) = (62.0, 578.0, 12.0)
        /// The space above a panel for its heading, the panel's height, and the space below it.
        static let (heading, height, gap) = (24.0, 150.0, 16.0)
        let titleLines: [String]
        let axis: PlotAxis
        let panels: [PlotAxis]

        init(_ plot: LinePlot) {
            titleLines = TextWrapping.wrap(plot.title, width: 78)
            axis = plot.sharedAxis(ticks: 10)
            panels = plot.panels.map { $0.axis(ticks: 5) }
        }

        func top(_ panel: Int) -> Double {
            10 + 17 * Double(titleLines.count) + Double(panel) * (Self.heading + Self.height + Self.gap) + Self.heading
        }

        func x(_ value: Double) -> Double { Self.left + Self.inset + axis.bound(value) * (Self.width - 2 * Self.inset) }

        func y(_ value: Double, _ panel: Int) -> Double? { panels[panel].share(value).map { height($0, panel) } }

        func bound(_ value: Double, _ panel: Int) -> Double { height(panels[panel].bound(value), panel) }

        private func height(_ share: Double, _ panel: Int) -> Double { top(panel) + (1 - share) * Self.height }
    }
}

extension LinePlot {
    /// The axis that all panels share.
    func sharedAxis(ticks: Int) -> PlotAxis {
        let values = panels.flatMap { panel in
            panel.series.flatMap { $0.points.map(\.x) } + panel.bands.flatMap { $0.extents.map(\.x) }
        }
        return .tight(values, ticks: ticks)
    }
}

extension LinePlot.Panel {
    /// The panel's own axis, which covers points, intervals, bands and the reference.
    func axis(ticks: Int) -> PlotAxis {
        var values = series.flatMap { $0.points.flatMap { [$0.y, $0.interval?.lowerBound, $0.interval?.upperBound] } }
            .compactMap { $0 }
        values += bands.flatMap { band in
            (band.extents.map(\.range) + [band.constant].compactMap { $0 }).flatMap { [$0.lowerBound, $0.upperBound] }
        }
        if let reference { values.append(reference.value) }
        if let covering { values += [covering.lowerBound, covering.upperBound] }
        return .loose(values, scale: scale, ticks: ticks)
    }
}
