/// Comma-separated values (RFC 4180, with `\n` at the end of a line).
enum CommaSeparated {
    /// A line, with its line break.
    static func line(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\n" }

    /// A field, in quotes if necessary.
    static func field(_ text: String) -> String {
        // Checks scalars, because "\r\n" is a single character.
        let needsQuotes = text.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
        return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
    }
}
