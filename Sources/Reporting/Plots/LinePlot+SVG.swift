import Foundation

extension LinePlot {
    /// A self-contained picture that follows the reader's choice of a dark background.
    ///
    /// Pointing at a point shows its values. Screen readers find a title and a description.
    public func svg() -> String {
        let layout = Layout(self)
        var body = layout.titleLines.enumerated().map { index, line in
            SVGText.text(
                line, x: Layout.left, y: 20 + 17 * Double(index), attributes: "font-size=\"15\" font-weight=\"bold\"")
        }
        for index in panels.indices { body += drawn(index, layout) }
        let bottom = layout.top(panels.count - 1) + Layout.height
        var free = 0.0
        for tick in layout.axis.ticks {
            // Labels that would touch the previous one are left out.
            let (x, half) = (layout.x(tick.value), 3.2 * Double(tick.label.count))
            guard x - half >= free else { continue }
            free = x + half + 4
            body.append(SVGText.text(tick.label, x: x, y: bottom + 16, anchor: "middle"))
        }
        body.append(SVGText.text(axis, x: Layout.left + Layout.width / 2, y: bottom + 34, anchor: "middle"))
        let legend = legend(y: bottom + 56)
        body += legend.body
        return SVGText.file(
            width: Layout.left + Layout.width + 20, height: legend.end, title: title, description: description,
            adapts: true, body: body)
    }

    /// A description of the picture in words.
    private var description: String {
        let measures = panels.map { $0.quantity.isEmpty ? $0.title : "\($0.title) (\($0.quantity))" }
        return "Line plot over \(axis). Panels: \(measures.joined(separator: "; ")). "
            + "Lines: \(seriesNames.joined(separator: "; "))."
    }

    // MARK: - Panels

    private func drawn(_ index: Int, _ layout: Layout) -> [String] {
        let panel = panels[index]
        let (top, bottom) = (layout.top(index), layout.top(index) + Layout.height)
        let right = Layout.left + Layout.width
        // Bold letters of this size are about 8 wide, others 6.
        let heading = panel.title.truncated(to: 70)
        let room = (Layout.width - 8 * Double(DisplayWidth.of(heading))) / 6 - 2
        let quantity = SVGText.escaped(panel.quantity.truncated(to: Int(max(room, 0))))
        let tail = quantity.isEmpty ? "" : "<tspan dx=\"9\" class=\"dim\" fill=\"#666666\">\(quantity)</tspan>"
        var body = [
            """
            <text x="\(SVGText.number(Layout.left))" y="\(SVGText.number(top - 8))"><tspan \
            font-size="13" font-weight="bold">\(SVGText.escaped(heading))</tspan>\(tail)</text>
            """
        ]
        for tick in layout.axis.ticks {
            let x = layout.x(tick.value)
            body.append(Self.line(x, top, x, bottom, tick.value == 0 ? Self.zero : Self.grid))
        }
        for tick in layout.panels[index].ticks {
            let y = layout.bound(tick.value, index)
            body.append(Self.line(Layout.left, y, right, y, Self.grid))
            body.append(SVGText.text(tick.label, x: Layout.left - 7, y: y + 4, anchor: "end"))
        }
        for band in panel.bands { body.append(drawn(band, index, layout)) }
        if let reference = panel.reference, let y = layout.y(reference.value, index) {
            body.append(Self.line(Layout.left, y, right, y, Self.reference))
        }
        for series in panel.series {
            body += drawn(series, seriesNames.firstIndex(of: series.name) ?? 0, index, layout)
        }
        return body
    }

    private func drawn(_ band: ControlBand, _ panel: Int, _ layout: Layout) -> String {
        let ends = [Layout.left, Layout.left + Layout.width]
        var extents = band.extents.map { (layout.x($0.x), $0.range) }
        if let constant = band.constant { extents = ends.map { ($0, constant) } }
        // A single position would have no width.
        if extents.count == 1 { extents = [-5, 5].map { (extents[0].0 + $0, extents[0].1) } }
        let outline =
            extents.map { ($0.0, layout.bound($0.1.upperBound, panel)) }
            + extents.reversed().map { ($0.0, layout.bound($0.1.lowerBound, panel)) }
        let place = bandNames.firstIndex(of: band.name) ?? 0
        return
            "<polygon points=\"\(Self.places(outline))\" \(Self.bandStyle(place))><title>\(SVGText.escaped(band.name))</title></polygon>"
    }

    private func drawn(_ series: Series, _ style: Int, _ panel: Int, _ layout: Layout) -> [String] {
        var body: [String] = []
        for run in Self.runs(series.points, where: { $0.interval != nil }) {
            let upper = run.map { (layout.x($0.x), layout.bound($0.interval?.upperBound ?? 0, panel)) }
            let lower = run.map { (layout.x($0.x), layout.bound($0.interval?.lowerBound ?? 0, panel)) }
            if run.count == 1 {
                body.append(
                    Self.line(
                        upper[0].0, upper[0].1, lower[0].0, lower[0].1, SeriesStyle.line(style) + " stroke-width=\"1\"")
                )
            } else {
                body.append(
                    "<polygon points=\"\(Self.places(upper + lower.reversed()))\" \(SeriesStyle.fill(style)) fill-opacity=\"0.16\"/>"
                )
            }
        }
        let runs = Self.runs(series.points) { $0.y.flatMap { layout.y($0, panel) } != nil }
        for run in runs where run.count > 1 {
            let places = run.compactMap { point in
                point.y.flatMap { layout.y($0, panel) }.map { (layout.x(point.x), $0) }
            }
            body.append(
                """
                <polyline points="\(Self.places(places))" fill="none" \(SeriesStyle.line(style)) stroke-width="2" \
                stroke-linejoin="round"\(SeriesStyle.dash(style))/>
                """)
        }
        for point in runs.joined() {
            guard let value = point.y, let y = layout.y(value, panel) else { continue }
            body.append(
                """
                <g \(SeriesStyle.fill(style))><title>\(SVGText.escaped(Self.told(series.name, point)))</title>\
                \(SeriesStyle.marker(style, x: layout.x(point.x), y: y))</g>
                """)
        }
        return body
    }

    /// A point in words: `steered at +4: 0.81 (0.75 … 0.86)`.
    private static func told(_ name: String, _ point: Point) -> String {
        func text(_ value: Double) -> String { String(format: "%.4g", value).typographic }
        let x = (point.x > 0 ? "+" : "") + text(point.x)
        let interval = point.interval.map { " (\(text($0.lowerBound)) … \(text($0.upperBound)))" } ?? ""
        return "\(name) at \(x): \(point.y.map(text) ?? "missing")\(interval)"
    }

    /// The runs of adjacent points that satisfy a condition.
    private static func runs(_ points: [Point], where holds: (Point) -> Bool) -> [[Point]] {
        points.split { !holds($0) }.map { Array($0) }
    }

    // MARK: - Parts

    private static let grid = "class=\"grid\" stroke=\"#e3e3e3\""
    private static let zero = "class=\"zero\" stroke=\"#b5b5b5\""
    /// Thin and solid, so that it differs from any series, and darker than the grid.
    static let reference = "class=\"ink\" stroke=\"#333333\" stroke-width=\"1.2\""

    /// Bands differ by their shade and outline.
    static func bandStyle(_ index: Int) -> String {
        let styles = [
            "fill-opacity=\"0.26\"", "fill-opacity=\"0.1\" stroke=\"#888888\" stroke-dasharray=\"4 3\"",
            "fill-opacity=\"0.16\" stroke=\"#888888\"",
            "fill-opacity=\"0\" stroke=\"#888888\" stroke-dasharray=\"1 3\"",
        ]
        return "fill=\"#888888\" \(styles[index % styles.count])"
    }

    private static func places(_ places: [(Double, Double)]) -> String {
        places.map { "\(SVGText.number($0.0)),\(SVGText.number($0.1))" }.joined(separator: " ")
    }

    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ attributes: String) -> String {
        let (a, b, c, d) = (SVGText.number(x1), SVGText.number(y1), SVGText.number(x2), SVGText.number(y2))
        return "<line x1=\"\(a)\" y1=\"\(b)\" x2=\"\(c)\" y2=\"\(d)\" \(attributes)/>"
    }
}
