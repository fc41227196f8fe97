import Crypto
import DataFiles
import Foundation
import Reporting

extension ViewContents {
    /// The page: one HTML file that needs nothing but itself. Its content policy forbids requests of any kind, and every
    /// program but its own.
    ///
    /// It follows the reader's choice of light or dark, can be used with the keyboard alone and read by a screen reader,
    /// fits a phone, and prints.
    ///
    /// - Throws: `EncodingError` where a number isn't finite.
    public func html() throws -> String {
        let script = PageScript.text
        let style = PageStyle.text
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '\(Self.hash(script))'; \
            style-src '\(Self.hash(style))'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <title>\(MarkupText.xml(title))</title>
            <style>\(style)</style>
            </head>
            <body>
            \(PageSkeleton.text(self))
            <script type="application/json" id="data">\(try json())</script>
            <script>\(script)</script>
            </body>
            </html>

            """
    }

    /// What a content policy calls a text by.
    private static func hash(_ text: String) -> String {
        "sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())"
    }

    /// The contents as JSON that no browser takes for markup: `<` occurs within strings alone, where it has another form.
    private func json() throws -> String {
        var escaped: [UInt8] = []
        for byte in try JSONEncoder.oneLine.encode(self) {
            switch byte {
            case UInt8(ascii: "<"): escaped += #"\u003c"#.utf8
            case UInt8(ascii: ">"): escaped += #"\u003e"#.utf8
            case UInt8(ascii: "&"): escaped += #"\u0026"#.utf8
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
