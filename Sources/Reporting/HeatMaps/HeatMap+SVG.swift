import Foundation

extension HeatMap {
    /// The map as a picture, with layers from left to right and heads from top to bottom.
    ///
    /// Negative values are blue and positive values red. A masked value is a small grey dot, and a chosen head has a
    /// frame. Pointing at a cell shows its value and details.
    ///
    /// The file is self-contained: it uses no fonts, scripts or styles from elsewhere. It follows the reader's choice
    /// of a dark background.
    public func svg() -> String {
        let (layers, heads) = (cells.count, cells[0].count)
        let size = layers > 48 ? 12.0 : 18.0
        let (left, top) = (row.count > 4 ? 84.0 : 58.0, 46.0)
        let right = left + Double(layers) * size
        let bottom = top + Double(heads) * size
        let title = "\(quantity) by layer and \(row)"
        // Bold letters of 14 points are less than 9 wide on average.
        let width = max(right, left + max(284, Double(DisplayWidth.of(title)) * 8.7)) + 16
        var body = [
            SVGText.text(title, x: left, y: 18, attributes: "font-size=\"14\" font-weight=\"bold\""),
            SVGText.text("layer", x: left - 6, y: top - 4, anchor: "end"),
        ]
        let step = layers <= 12 ? 1 : 5
        for layer in stride(from: 0, to: layers, by: step) {
            body.append(
                SVGText.text("\(layer)", x: left + (Double(layer) + 0.5) * size, y: top - 4, anchor: "middle"))
        }
        let headStep = heads <= 16 ? 1 : 4
        for head in stride(from: 0, to: heads, by: headStep) {
            body.append(
                SVGText.text(
                    "\(row) \(head)", x: left - 6, y: top + (Double(head) + 0.5) * size + 4, anchor: "end"))
        }
        // Frames come last, or the colours of neighbouring cells would cover them.
        var frames: [String] = []
        for layer in 0..<layers {
            for head in 0..<heads {
                let (x, y) = (left + Double(layer) * size, top + Double(head) * size)
                body.append(drawn(cells[layer][head], name: "\(layer).\(head)", x: x, y: y, size: size))
                guard cells[layer][head].isChosen else { continue }
                frames.append(
                    """
                    <rect x="\(SVGText.number(x))" y="\(SVGText.number(y))" width="\(SVGText.number(size - 1))" \
                    height="\(SVGText.number(size - 1))" fill="none" class="ink" stroke="#000000" stroke-width="2"/>
                    """)
            }
        }
        body += frames
        body += scale(x: left, y: bottom + 22)
        let height = bottom + (least > 0 ? 80 : 62)
        return SVGText.file(
            width: width, height: height, title: title, adapts: true, darkRules: DivergingColours.darkRules, body: body)
    }

    private func drawn(_ cell: Cell, name: String, x: Double, y: Double, size: Double) -> String {
        let (value, isMasked) = (cell.value, cell.isMasked)
        var title = "\(name): " + (value.isFinite ? String(format: "%+.3g", value).typographic : "no number")
        if !cell.detail.isEmpty { title += " (\(cell.detail))" }
        if isMasked { title += ", not significant" }
        let colour =
            !value.isFinite
            ? "class=\"unknown\" fill=\"#999999\""
            : isMasked ? "class=\"masked\" fill=\"#f2f2f2\"" : DivergingColours.fill(share(value))
        var inside = ""
        if isMasked {
            let (cx, cy) = (SVGText.number(x + (size - 1) / 2), SVGText.number(y + (size - 1) / 2))
            inside = "<circle cx=\"\(cx)\" cy=\"\(cy)\" r=\"1.2\" fill=\"#b0b0b0\"/>"
        }
        return """
            <g><title>\(SVGText.escaped(title))</title><rect x="\(SVGText.number(x))" y="\(SVGText.number(y))" \
            width="\(SVGText.number(size - 1))" height="\(SVGText.number(size - 1))" \(colour)/>\(inside)</g>
            """
    }

    /// The colours with their values, and the meaning of the marks.
    private func scale(x: Double, y: Double) -> [String] {
        let (steps, width) = (41, 4.0)
        var body = (0..<steps).map { step in
            var share = Double(step) / Double(steps - 1) * 2 - 1
            // A scale that doesn't begin at 0 skips the lightest shades.
            if least > 0 { share = (share < 0 ? -1 : 1) * (Self.lightest + (1 - Self.lightest) * abs(share)) }
            return """
                <rect x="\(SVGText.number(x + Double(step) * width))" y="\(SVGText.number(y))" \
                width="\(SVGText.number(width + 0.5))" height="10" \(DivergingColours.fill(share))/>
                """
        }
        let end = x + Double(steps) * width
        body += [
            SVGText.text("−\(Self.text(largest))", x: x, y: y + 23),
            SVGText.text(least > 0 ? "±\(Self.text(least))" : "0", x: (x + end) / 2, y: y + 23, anchor: "middle"),
            SVGText.text("+\(Self.text(largest))", x: end, y: y + 23, anchor: "end"),
        ]
        if least > 0 { body.append(SVGText.text(scaleNote.capitalisedFirst, x: x, y: y + 41)) }
        if hasMasked {
            body.append(
                "<circle cx=\"\(SVGText.number(end + 22))\" cy=\"\(SVGText.number(y + 5))\" r=\"1.6\" fill=\"#909090\"/>"
            )
            body.append(SVGText.text("not significant", x: end + 30, y: y + 9))
        }
        return body
    }
}
