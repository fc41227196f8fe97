import Foundation

/// Parts of SVG pictures: self-contained files that browsers and converters draw alike.
enum SVGText {
    /// A text on one line, as character data or an attribute's value. Characters that XML can't hold, or that reorder the
    /// text around them, become U+FFFD.
    static func escaped(_ text: String) -> String {
        MarkupText.xml(text.replacing("\t", with: " ")).replacing("\n", with: " ")
    }

    /// A number with at most two decimals: enough for places on a screen.
    static func number(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() ? String(Int(rounded)) : "\(rounded)"
    }

    /// A whole file.
    ///
    /// - Parameters:
    ///   - description: what the picture shows, for those who can't see it.
    ///   - adapts: whether the parts have the classes by which documents with a dark ground change their colours.
    static func file(
        width: Double, height: Double, title: String, description: String? = nil, adapts: Bool = false, body: [String]
    ) -> String {
        let (w, h) = (number(width), number(height))
        var head = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(w)" height="\(h)" viewBox="0 0 \(w) \(h)" role="img" \
            font-family="Helvetica, Arial, sans-serif" font-size="11" fill="#333333"\(adapts ? " class=\"adapts\"" : "")>
            <title>\(escaped(title))</title>

            """
        if let description { head += "<desc>\(escaped(description))</desc>\n" }
        head += "<rect width=\"\(w)\" height=\"\(h)\" fill=\"#ffffff\"\(adapts ? " class=\"ground\"" : "")/>"
        return ([head] + body + ["</svg>", ""]).joined(separator: "\n")
    }

    /// A text at a place.
    static func text(
        _ text: String, x: Double, y: Double, anchor: String = "start", attributes: String = ""
    ) -> String {
        let more = attributes.isEmpty ? "" : " \(attributes)"
        return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\"\(more)>\(escaped(text))</text>"
    }
}
