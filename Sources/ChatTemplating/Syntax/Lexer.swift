/// Splits a template into tokens, with Jinja's whitespace control.
///
/// `trim_blocks` and `lstrip_blocks` are on, and one newline at the end is dropped.
struct Lexer {
    let source: [Unicode.Scalar]
    var position = 0
    var line = 1
    /// Whether the last text read ended with a newline, so that white space before a tag starts a line.
    var startsLine = true
    var result: [Token] = []

    init(_ source: String) {
        var scalars = Lexer.normalizingNewlines(source.unicodeScalars)
        if scalars.last == "\n" { scalars.removeLast() }
        self.source = scalars
    }

    static func normalizingNewlines(_ text: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var afterReturn = false
        for scalar in text {
            if scalar == "\r" {
                result.append("\n")
            } else if !(scalar == "\n" && afterReturn) {
                result.append(scalar)
            }
            afterReturn = scalar == "\r"
        }
        return result
    }

    mutating func tokens() throws -> [Token] {
        while position < source.count { try text() }
        result.append(Token(kind: .end, line: line))
        return result
    }

    /// The scalar at `position + offset`; `nil` past the end.
    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        let index = position + offset
        return index < source.count ? source[index] : nil
    }

    func matches(_ text: StaticString, at index: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= source.count else { return false }
        return text.withUTF8Buffer { bytes in
            for offset in 0..<count where source[index + offset].value != UInt32(bytes[offset]) { return false }
            return true
        }
    }

    /// Moves to an index and counts the lines on the way.
    mutating func advance(to index: Int) {
        for scalar in source[position..<index] where scalar == "\n" { line += 1 }
        if index > position { startsLine = source[index - 1] == "\n" }
        position = index
    }

    func skippingSpace(from index: Int) -> Int {
        var index = index
        while index < source.count, source[index].isPythonSpace { index += 1 }
        return index
    }
}

// MARK: - Text and the tags that follow it

extension Lexer {
    private mutating func text() throws {
        let start = position
        var index = position
        while index < source.count, !(source[index] == "{" && isTagStart(index)) { index += 1 }
        guard index < source.count else {
            appendData(source[start...])
            advance(to: source.count)
            return
        }
        let mark = index + 2 < source.count ? source[index + 2] : " "
        appendData(source[start..<index], before: source[index + 1], mark: mark)
        advance(to: index)
        if let afterRaw = rawBegin(index) {
            advance(to: afterRaw)
            try raw()
        } else {
            let kind = source[index + 1]
            advance(to: index + (mark == "-" || mark == "+" ? 3 : 2))
            switch kind {
            case "#": try comment()
            case "%": try tag(.blockBegin, .blockEnd)
            default: try tag(.outputBegin, .outputEnd)
            }
        }
    }

    private func isTagStart(_ index: Int) -> Bool {
        guard index + 1 < source.count else { return false }
        return source[index + 1] == "%" || source[index + 1] == "{" || source[index + 1] == "#"
    }

    private mutating func appendData(_ data: ArraySlice<Unicode.Scalar>) {
        if !data.isEmpty { result.append(Token(kind: .data(Text(Array(data))), line: line)) }
    }

    /// Appends the text before a tag: `-` strips all white space, `lstrip_blocks` that on the tag's own line.
    private mutating func appendData(
        _ data: ArraySlice<Unicode.Scalar>, before kind: Unicode.Scalar, mark: Unicode.Scalar
    ) {
        var data = data
        if mark == "-" {
            while data.last?.isPythonSpace == true { data.removeLast() }
        } else if mark != "+", kind != "{" {
            let lineStart = data.lastIndex(of: "\n").map { $0 + 1 }
            if lineStart != nil || startsLine {
                let from = lineStart ?? data.startIndex
                if data[from...].allSatisfy(\.isPythonSpace) { data = data[..<from] }
            }
        }
        appendData(data)
    }

    /// The end of a comment, block or raw text, including all white space after `-`, otherwise one newline.
    func tagEnd(_ index: Int, _ close: StaticString, trimsNewline: Bool = true) -> Int? {
        if source[index] == "-", matches(close, at: index + 1) { return skippingSpace(from: index + 3) }
        if trimsNewline, source[index] == "+", matches(close, at: index + 1) { return index + 3 }
        guard matches(close, at: index) else { return nil }
        let after = index + 2
        return trimsNewline && after < source.count && source[after] == "\n" ? after + 1 : after
    }

    private mutating func comment() throws {
        var index = position
        while index < source.count {
            if let end = tagEnd(index, "#}") { return advance(to: end) }
            index += 1
        }
        throw Failure(.syntax, "the comment is not closed", construct: "{#", remedy: "end it with #}")
    }

    /// The end of a `{% raw %}` tag at this position, if there is one.
    private func rawBegin(_ start: Int) -> Int? {
        guard matches("{%", at: start), start + 2 < source.count else { return nil }
        var index = start + 2
        if source[index] == "-" || source[index] == "+" { index += 1 }
        index = skippingSpace(from: index)
        guard matches("raw", at: index) else { return nil }
        index = skippingSpace(from: index + 3)
        return index < source.count ? tagEnd(index, "%}", trimsNewline: false) : nil
    }

    private mutating func raw() throws {
        let start = position
        var index = position
        while index < source.count {
            if matches("{%", at: index), index + 2 < source.count {
                let mark = source[index + 2]
                var inside = skippingSpace(from: mark == "-" || mark == "+" ? index + 3 : index + 2)
                if matches("endraw", at: inside) {
                    inside = skippingSpace(from: inside + 6)
                    if inside < source.count, let end = tagEnd(inside, "%}") {
                        appendData(source[start..<index], before: "%", mark: mark)
                        return advance(to: end)
                    }
                }
            }
            index += 1
        }
        throw Failure(.syntax, "the raw text is not closed", construct: "{% raw %}", remedy: "end it with {% endraw %}")
    }
}
