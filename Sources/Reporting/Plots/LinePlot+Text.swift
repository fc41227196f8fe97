import DataFiles

extension LinePlot {
    /// The plot for a terminal.
    ///
    /// Each series has a marker at its points, or `&` where points of several series coincide. With colour, lines
    /// consist of braille dots and each series has its own colour. Without colour, the frame and the lines are ASCII
    /// characters, with a different character for the lines of each series. Intervals are left out.
    ///
    /// - Parameter rows: the number of lines for a panel's plot; the default shows differences of a tenth of the range.
    /// - Precondition: at least two rows.
    public func rendered(_ style: TerminalStyle = .plain, rows: Int = 10) -> String {
        precondition(rows >= 2, "A panel needs at least two rows, not \(rows).")
        let shared = sharedAxis(ticks: max(min(style.width, 72) / 10, 2))
        let axes = panels.map { $0.axis(ticks: max(rows / 2, 4)) }
        let label = axes.flatMap { $0.ticks.map { DisplayWidth.of($0.label) } }.max() ?? 0
        let columns = max(min(style.width, 78) - label - 2, 8)
        var hasShared = false
        var lines = TextWrapping.wrap(title, width: max(style.width, 2)).map(style.bold)
        for (panel, axis) in zip(panels, axes) {
            let heading = TextWrapping.printable(panel.title).truncated(to: style.width)
            let quantity = TextWrapping.printable(panel.quantity)
                .truncated(to: max(style.width - DisplayWidth.of(heading) - 2, 0))
            lines += ["", style.bold(heading) + (quantity.isEmpty ? "" : "  " + style.dim(quantity))]
            let canvas = drawn(panel, shared, axis, columns: columns, rows: rows, style)
            hasShared = hasShared || canvas.hasShared
            var labels = [String](repeating: "", count: rows)
            for tick in axis.ticks {
                labels[canvas.cell(0, axis.bound(tick.value)).row] = Self.label(tick, style)
            }
            for row in 0..<rows {
                let text = canvas.text(
                    row: row, stroke: { Self.strokes[$0 % Self.strokes.count] },
                    painted: { style.coloured($0, Self.terminalColour($1)) }, dimmed: { style.dim($0) })
                let frame = style.usesColour ? (labels[row].isEmpty ? "│" : "┤") : (labels[row].isEmpty ? "|" : "+")
                lines.append(
                    "\(labels[row].fitted(to: label, rightAligned: true)) \(frame)\(text)".trimmingTrailingSpaces())
            }
        }
        lines += bottom(shared, label: label, columns: columns, style)
        return (lines + [""] + legend(style, hasShared: hasShared)).joined(separator: "\n")
    }

    /// A tick's label; without colour, its characters stay in ASCII.
    private static func label(_ tick: PlotAxis.Tick, _ style: TerminalStyle) -> String {
        style.usesColour ? tick.label : tick.label.replacing("−", with: "-")
    }

    private func drawn(
        _ panel: Panel, _ shared: PlotAxis, _ axis: PlotAxis, columns: Int, rows: Int, _ style: TerminalStyle
    ) -> PlotCanvas {
        var canvas = PlotCanvas(columns: columns, rows: rows, usesBraille: style.usesColour)
        for band in panel.bands { fill(band, shared, axis, style, &canvas) }
        if let reference = panel.reference, let share = axis.share(reference.value) {
            let row = canvas.cell(0, share).row
            for column in 0..<columns { canvas.fill(style.usesColour ? "─" : "-", column: column, row: row) }
        }
        for series in panel.series {
            let index = seriesNames.firstIndex(of: series.name) ?? 0
            var last: (x: Int, y: Int)?
            var places: [(column: Int, row: Int)] = []
            for point in series.points {
                guard let y = point.y.flatMap({ axis.share($0) }) else {
                    last = nil
                    continue
                }
                let x = shared.bound(point.x)
                let dot = canvas.dot(x, y)
                canvas.line(from: last ?? dot, to: dot, owner: index)
                last = dot
                places.append(canvas.cell(x, y))
            }
            let marker = Self.marker(index, style)
            for place in places { canvas.put(marker, column: place.column, row: place.row, owner: index) }
        }
        return canvas
    }

    /// Fills the area of a band, with straight lines between its extents.
    private func fill(
        _ band: ControlBand, _ shared: PlotAxis, _ axis: PlotAxis, _ style: TerminalStyle, _ canvas: inout PlotCanvas
    ) {
        let extents = band.extents.map { extent in
            (
                canvas.cell(shared.bound(extent.x), 0).column, axis.bound(extent.range.lowerBound),
                axis.bound(extent.range.upperBound)
            )
        }
        let ground = Self.ground(bandNames.firstIndex(of: band.name) ?? 0, style)
        for column in 0..<canvas.columns {
            var ends: (Double, Double)?
            if let constant = band.constant {
                ends = (axis.bound(constant.lowerBound), axis.bound(constant.upperBound))
            }
            if let next = extents.firstIndex(where: { $0.0 >= column }) {
                let after = extents[next]
                let before = after.0 == column ? after : next > 0 ? extents[next - 1] : nil
                if let before {
                    let share = after.0 > before.0 ? Double(column - before.0) / Double(after.0 - before.0) : 0
                    ends = (before.1 + share * (after.1 - before.1), before.2 + share * (after.2 - before.2))
                }
            }
            guard let ends else { continue }
            for row in canvas.cell(0, ends.1).row...canvas.cell(0, ends.0).row {
                canvas.fill(ground, column: column, row: row)
            }
        }
    }

    /// The shared axis with its numbers and its name.
    private func bottom(_ shared: PlotAxis, label: Int, columns: Int, _ style: TerminalStyle) -> [String] {
        let margin = String(repeating: " ", count: label + 1)
        var frame = [String](repeating: style.usesColour ? "─" : "-", count: columns)
        var numbers = ""
        for tick in shared.ticks {
            let column = Int((shared.bound(tick.value) * Double(columns - 1)).rounded())
            let text = Self.label(tick, style)
            let width = text.count
            // Centred below its tick, but not beyond the end.
            let start = min(max(column - width / 2, 0), columns - width)
            guard numbers.isEmpty || start > numbers.count else { continue }
            frame[column] = style.usesColour ? "┬" : "+"
            numbers = numbers.fitted(to: max(start, 0)) + text
        }
        let name = TextWrapping.printable(axis).truncated(to: columns)
        return [margin + (style.usesColour ? "└" : "+") + frame.joined(), margin + " " + numbers, margin + " " + name]
    }

    /// The meaning of the characters, with as many entries per line as fit.
    private func legend(_ style: TerminalStyle, hasShared: Bool) -> [String] {
        func named(_ name: String) -> String {
            TextWrapping.printable(name).replacing("\n", with: " ").truncated(to: max(style.width - 5, 1))
        }
        var items = seriesNames.enumerated().map { index, name in
            let stroke = style.usesColour ? "⠤" : String(Self.strokes[index % Self.strokes.count])
            let sample = "\(stroke)\(Self.marker(index, style))\(stroke)"
            return "\(style.coloured(sample, Self.terminalColour(index))) \(named(name))"
        }
        items += referenceNames.map { "\(style.dim(style.usesColour ? "──" : "-")) \(named($0))" }
        items += bandNames.enumerated().map { index, name in
            let sample = String(repeating: Self.ground(index, style), count: style.usesColour ? 2 : 1)
            return "\(style.dim(sample)) \(named(name))"
        }
        if hasShared { items.append("\(PlotCanvas.several) several in one place") }
        var lines: [String] = []
        for item in items {
            if let last = lines.last, DisplayWidth.of(last) + 3 + DisplayWidth.of(item) <= style.width {
                lines[lines.count - 1] = "\(last)   \(item)"
            } else {
                lines.append(item)
            }
        }
        return lines
    }

    private static let letters: [Character] = ["o", "x", "*", "#", "@", "%"]
    /// The same shapes as in the picture.
    private static let shapes: [Character] = ["●", "■", "▲", "◆", "▼", "✚"]
    /// The characters that lines consist of without colour.
    private static let strokes: [Character] = [".", "~", "=", "^", "'", "`"]

    private static func marker(_ index: Int, _ style: TerminalStyle) -> Character {
        let markers = style.usesColour ? shapes : letters
        return markers[index % markers.count]
    }

    /// The character that fills a band.
    private static func ground(_ index: Int, _ style: TerminalStyle) -> Character {
        let grounds: [Character] = style.usesColour ? ["░", "▒", "▓"] : [":", ";", ","]
        return grounds[index % grounds.count]
    }

    private static func terminalColour(_ index: Int) -> Int {
        SeriesStyle.terminalColours[index % SeriesStyle.terminalColours.count]
    }
}
