/// The string literals of a Swift file, with their lines: what a program says, without what its comments do.
///
/// Interpolated code is read for literals of its own. Regex literals are not known; one with a quotation mark in it costs the rest
/// of its line.
struct StringLiterals {
    private(set) var found: [(line: Int, text: String)] = []
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(in text: String) {
        bytes = Array(text.utf8)
        while position < bytes.count { readCode() }
    }

    private static let lineEnd = UInt8(ascii: "\n")

    private func isNext(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    private mutating func skip(_ count: Int) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] == Self.lineEnd { line += 1 }
            position += 1
        }
    }

    private mutating func skip(to end: String) {
        while position < bytes.count, !isNext(end) { skip(1) }
    }

    /// Code up to the closing bracket of an interpolation, or to the end.
    private mutating func readCode() {
        var depth = 0
        while position < bytes.count {
            switch Character(UnicodeScalar(bytes[position])) {
            case "/" where isNext("//"): skip(to: "\n")
            case "/" where isNext("/*"): skip(to: "*/")
            case "\"": readLiteral()
            case "#" where isNext("#\"") || isNext("##\""): readLiteral()
            case "(":
                depth += 1
                skip(1)
            case ")":
                depth -= 1
                skip(1)
                if depth < 0 { return }
            default: skip(1)
            }
        }
    }

    private mutating func readLiteral() {
        var pounds = ""
        while isNext("#") {
            pounds += "#"
            skip(1)
        }
        let quotes = isNext("\"\"\"") ? "\"\"\"" : "\""
        skip(quotes.utf8.count)
        let end = quotes + pounds
        let interpolation = "\\\(pounds)("
        let first = line
        var text: [UInt8] = []
        while position < bytes.count, !isNext(end) {
            // A literal of one line that isn't closed was none.
            if quotes.utf8.count == 1, bytes[position] == Self.lineEnd { return }
            if isNext(interpolation) {
                skip(interpolation.utf8.count)
                readCode()
                text.append(UInt8(ascii: " "))
            } else {
                let count = pounds.isEmpty && isNext("\\") ? 2 : 1
                text += bytes[position..<min(position + count, bytes.count)]
                skip(count)
            }
        }
        skip(end.utf8.count)
        found.append((first, String(decoding: text, as: UTF8.self)))
    }
}
