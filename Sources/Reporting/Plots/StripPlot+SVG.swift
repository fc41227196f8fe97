import Foundation

extension StripPlot {
    /// A dot for each row, with one class above the other, a line at the threshold and a tick at each class's mean.
    ///
    /// Pointing at a dot shows its row and value. Dots are shifted up and down so that they don't hide each other, in
    /// the same way each time.
    public func svg() -> String {
        let (left, width, top, band) = (58.0, 520.0, 34.0, 64.0)
        let (low, high) = (range.lowerBound, range.upperBound)
        func x(_ value: Double) -> Double { left + 8 + (value - low) / (high - low) * (width - 16) }
        let bottom = top + 2 * band + 6
        var body = [
            SVGText.text(title, x: left, y: 18, attributes: "font-size=\"14\" font-weight=\"bold\"")
        ]
        for (label, colour, kind, row) in [(true, "#b2182b", "true", 0.0), (false, "#2166ac", "false", 1.0)] {
            let middle = top + (row + 0.5) * band
            body.append(
                SVGText.text(
                    "\(label)", x: left - 8, y: middle + 4, anchor: "end",
                    attributes: "class=\"is-\(kind)\" fill=\"\(colour)\""))
            let own = values.indices.filter { labels[$0] == label }
            body += own.enumerated().map { rank, index in
                // Multiples of the golden ratio spread evenly.
                let shift = ((Double(rank) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1) - 0.5) * (band - 20)
                return """
                    <circle cx="\(SVGText.number(x(values[index])))" cy="\(SVGText.number(middle + shift))" r="3.2" \
                    class="is-\(kind)" fill="\(colour)" fill-opacity="0.55"><title>row \(index): \
                    \(String(format: "%+.3g", values[index]).typographic)</title></circle>
                    """
            }
            guard !own.isEmpty else { continue }
            let mean = SVGText.number(x(own.reduce(0) { $0 + values[$1] } / Double(own.count)))
            body.append(
                """
                <line x1="\(mean)" y1="\(SVGText.number(middle - band / 2 + 4))" x2="\(mean)" \
                y2="\(SVGText.number(middle + band / 2 - 4))" class="mean-\(kind)" stroke="\(colour)" stroke-width="2"/>
                """)
        }
        let line = SVGText.number(x(threshold))
        body.append(
            """
            <line x1="\(line)" y1="\(SVGText.number(top))" x2="\(line)" y2="\(SVGText.number(bottom))" class="ink" stroke="#000000" \
            stroke-dasharray="4 3"/>
            """)
        let (from, to) = (SVGText.number(left), SVGText.number(left + width))
        body.append(
            "<line x1=\"\(from)\" y1=\"\(SVGText.number(bottom))\" x2=\"\(to)\" y2=\"\(SVGText.number(bottom))\" class=\"zero\" stroke=\"#888888\"/>"
        )
        let (trues, falses) = (right(true), right(false))
        // Numbers that would touch that of the threshold are left out.
        body.append(
            SVGText.text(
                String(format: "%.3g", threshold).typographic, x: x(threshold), y: bottom + 15, anchor: "middle"))
        for value in [low, high] where abs(x(value) - x(threshold)) > 40 {
            body.append(
                SVGText.text(String(format: "%+.3g", value).typographic, x: x(value), y: bottom + 15, anchor: "middle"))
        }
        body += [
            SVGText.text(
                "\(quantity). Right of the line: \(trues.count) of \(trues.of) true; left: \(falses.count) of \(falses.of) false.",
                x: left, y: bottom + 34, attributes: "class=\"dim\" fill=\"#666666\"")
        ]
        return SVGText.file(
            width: left + width + 16, height: bottom + 46, title: title, adapts: true, darkRules: Self.darkRules,
            body: body)
    }

    private static let darkRules = """
        .adapts .is-true { fill: #ef8a62; }
        .adapts .is-false { fill: #67a9cf; }
        .adapts .mean-true { stroke: #ef8a62; }
        .adapts .mean-false { stroke: #67a9cf; }
        """
}
