import DataFiles

/// Reads CSV records one by one.
package struct CSVReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let file: String
    private var position = 0
    private var line = 1

    package init(bytes: UnsafeBufferPointer<UInt8>, file: String) {
        self.bytes = bytes
        self.file = file
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Consumes a line break (LF, CRLF or CR) if one comes next.
    private mutating func takeLineBreak() -> Bool {
        guard let byte = next, byte == 0x0A || byte == 0x0D else { return false }
        position += 1
        if byte == 0x0D, next == 0x0A { position += 1 }
        line += 1
        return true
    }

    /// The next record that isn't a blank line, and the line it begins on; nil at the end.
    package mutating func record() throws -> (fields: [String], line: Int)? {
        while takeLineBreak() {}
        guard next != nil else { return nil }
        let start = line
        var fields = [try field()]
        while next == UInt8(ascii: ",") {
            position += 1
            fields.append(try field())
        }
        guard takeLineBreak() || next == nil else {
            throw InputError(
                .unreadable,
                "text after a closing quote", in: "\(file): line \(line)", remedy: "double the quotes within a field")
        }
        return (fields, start)
    }

    private mutating func field() throws -> String {
        if next == UInt8(ascii: "\"") { return try quotedField() }
        let start = position
        while let byte = next, byte != UInt8(ascii: ","), byte != 0x0A, byte != 0x0D { position += 1 }
        return try text(bytes[start..<position], line: line)
    }

    private mutating func quotedField() throws -> String {
        let firstLine = line
        position += 1
        var content: [UInt8] = []
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                position += 1
                guard next == UInt8(ascii: "\"") else { return try text(content, line: firstLine) }
            } else if byte == 0x0A || (byte == 0x0D && !(position + 1 < bytes.count && bytes[position + 1] == 0x0A)) {
                line += 1
            }
            content.append(byte)
            position += 1
        }
        throw InputError(
            .unreadable,
            "a quoted field that has no end", in: "\(file): line \(firstLine)", remedy: "close the quote")
    }

    private func text(_ slice: some Collection<UInt8>, line: Int) throws -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw InputError(
                .unreadable,
                "text that is not UTF-8", in: "\(file): line \(line)", remedy: "save the file as UTF-8")
        }
        guard !CombiningMarks.areTooMany(in: text) else {
            throw InputError.badData(
                "more than \(CombiningMarks.most) combining marks in a row", in: "\(file): line \(line)",
                remedy: "correct the text")
        }
        return text
    }
}
