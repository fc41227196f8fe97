import Crypto
import DataFiles
import Foundation
import Reporting

extension ViewContents {
    /// The page, as one self-contained HTML file.
    ///
    /// Its content policy forbids requests of any kind, and any program other than its own.
    ///
    /// It follows the reader's choice of light or dark, works with the keyboard alone and with a screen reader, fits a
    /// phone, and can be printed.
    ///
    /// - Throws: `EncodingError` if a number isn't finite.
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

    /// The hash that a content policy uses to identify a text.
    private static func hash(_ text: String) -> String {
        "sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())"
    }

    /// The contents as JSON that no browser takes for markup: `<` occurs only within strings, where it is escaped.
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
