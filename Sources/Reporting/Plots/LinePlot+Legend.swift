extension LinePlot {
    /// The legend from a given height on, and the lower end of the picture.
    func legend(y start: Double) -> (body: [String], end: Double) {
        var (x, y) = (Layout.left, start)
        var body: [String] = []
        func add(_ name: String, _ sample: (Double, Double) -> String) {
            let name = name.truncated(to: 84)
            // Letters of this size are about 6 wide.
            let width = Self.sampleWidth + 9 + 6.2 * Double(DisplayWidth.of(name))
            if x > Layout.left, x + width > Layout.left + Layout.width { (x, y) = (Layout.left, y + 19) }
            body.append(sample(x, y))
            body.append(SVGText.text(name, x: x + Self.sampleWidth + 6, y: y + 4))
            x += width + 16
        }
        for (index, name) in seriesNames.enumerated() {
            add(name) { x, y in
                let attributes = "\(SeriesStyle.line(index)) stroke-width=\"2\"\(SeriesStyle.dash(index))"
                let marker = SeriesStyle.marker(index, x: x + Self.sampleWidth / 2, y: y)
                return Self.line(x, y, x + Self.sampleWidth, y, attributes)
                    + "<g \(SeriesStyle.fill(index))>\(marker)</g>"
            }
        }
        for name in referenceNames { add(name) { x, y in Self.line(x, y, x + Self.sampleWidth, y, Self.reference) } }
        for (index, name) in bandNames.enumerated() {
            add(name) { x, y in Self.sample(x, y, Self.bandStyle(index)) }
        }
        if hasIntervals {
            add("95% interval") { x, y in
                Self.sample(x, y, "\(SeriesStyle.fill(0)) fill-opacity=\"0.16\"")
            }
        }
        return (body, y + 16)
    }

    private static func sample(_ x: Double, _ y: Double, _ attributes: String) -> String {
        "<rect x=\"\(SVGText.number(x))\" y=\"\(SVGText.number(y - 6))\" width=\"\(SVGText.number(sampleWidth))\" height=\"12\" \(attributes)/>"
    }

    /// Wide enough to show each dash pattern beside the marker.
    private static let sampleWidth = 36.0
}
