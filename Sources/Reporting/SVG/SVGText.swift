import Foundation

/// Parts of SVG pictures, which are self-contained files that browsers and converters draw in the same way.
enum SVGText {
    /// A text on one line, as character data or an attribute value.
    ///
    /// Characters that XML can't hold, or that reorder the text around them, become U+FFFD.
    static func escaped(_ text: String) -> String {
        MarkupText.xml(text.replacing("\t", with: " ")).replacing("\n", with: " ")
    }

    /// A number with at most two decimals, which is enough for positions on a screen.
    static func number(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() ? String(Int(rounded)) : "\(rounded)"
    }

    /// A complete SVG file.
    ///
    /// - Parameters:
    ///   - description: a description of the picture, for people who can't see it.
    ///   - adapts: whether the parts have the classes that change the picture's colours for readers who choose a dark
    ///     background.
    ///   - darkRules: style rules on a dark background for the picture's own classes.
    static func file(
        width: Double, height: Double, title: String, description: String? = nil, adapts: Bool = false,
        darkRules: String = "", body: [String]
    ) -> String {
        let (w, h) = (number(width), number(height))
        var head = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(w)" height="\(h)" viewBox="0 0 \(w) \(h)" role="img" \
            font-family="Helvetica, Arial, sans-serif" font-size="11" fill="#333333"\(adapts ? " class=\"adapts\"" : "")>
            <title>\(escaped(title))</title>

            """
        if let description { head += "<desc>\(escaped(description))</desc>\n" }
        if adapts { head += "<style>\n\(dark(darkRules))</style>\n" }
        head += "<rect width=\"\(w)\" height=\"\(h)\" fill=\"#ffffff\"\(adapts ? " class=\"ground\"" : "")/>"
        return ([head] + body + ["</svg>", ""]).joined(separator: "\n")
    }

    /// The style sheet for a dark background; none of its characters has a meaning in XML.
    private static func dark(_ more: String) -> String {
        """
        @media screen and (prefers-color-scheme: dark) {
        .adapts { fill: #d3d6dc; }
        .adapts .ground { fill: \(SeriesStyle.darkGround); }
        .adapts .dim { fill: #a2a9b4; }
        .adapts .grid { stroke: #33383f; }
        .adapts .zero { stroke: #5c626b; }
        .adapts .ink { stroke: #e4e6ea; }
        .adapts .masked { fill: #202329; }
        .adapts .unknown { fill: #6c727b; }
        \(SeriesStyle.darkColours.enumerated().map { index, colour in
            ".adapts .line\(index) { stroke: \(colour); }\n.adapts .fill\(index) { fill: \(colour); }"
        }.joined(separator: "\n"))
        \(more.isEmpty ? "" : more + "\n")}

        """
    }

    /// A text at a position.
    static func text(
        _ text: String, x: Double, y: Double, anchor: String = "start", attributes: String = ""
    ) -> String {
        let more = attributes.isEmpty ? "" : " \(attributes)"
        return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\"\(more)>\(escaped(text))</text>"
    }
}
