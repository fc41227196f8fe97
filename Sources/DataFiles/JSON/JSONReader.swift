/// A strict reader of JSON (RFC 8259) in UTF-8, from bytes in memory.
///
/// It passes over the bytes once and builds only what it is asked for: a whole value (`value()`), some fields of an
/// object (`fields(named:)`), or the next byte of punctuation (`take`, `expect`). So files of any size can be read row
/// by row. It counts lines, and refuses what can't be kept without loss: a name that occurs twice in an object, numbers
/// beyond a `Double`'s range, halves of surrogate pairs, text that isn't UTF-8. Nesting is limited, so that no input
/// can exhaust the stack. After an error the reader must not be used any more.
package struct JSONReader {
    /// The deepest nesting of arrays and objects that is read.
    static let deepest = 128
    /// The bytes of U+FEFF, which some programs write before the text.
    package static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    let bytes: UnsafeBufferPointer<UInt8>
    let end: Int
    /// The file's name in errors.
    let file: String
    /// The remedy that errors give, unless they know a better one.
    let remedy: String
    /// The offset of the next byte.
    var position: Int
    /// The line that `position` is on, from 1.
    package internal(set) var line: Int

    /// - Parameters:
    ///   - bytes: the whole file, so that errors can count from its beginning; it must outlive the reader.
    ///   - range: the part to read.
    ///   - line: the line that the part begins on, from 1.
    ///   - file: the file's name in error messages.
    ///   - remedy: the remedy that errors give, unless they know a better one.
    package init(
        _ bytes: UnsafeBufferPointer<UInt8>, range: Range<Int>, line: Int = 1, file: String,
        remedy: String = "correct the file or fetch it again"
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "The range must lie within the bytes.")
        self.bytes = bytes
        self.end = range.upperBound
        self.file = file
        self.remedy = remedy
        self.position = range.lowerBound
        self.line = line
    }

    /// Whether a byte is white space between values.
    package static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    // MARK: - Punctuation

    /// The byte at `position`; nil at the end.
    var current: UInt8? { position < end ? bytes[position] : nil }

    /// The next byte that isn't white space, not consumed; nil at the end.
    package mutating func peek() -> UInt8? {
        while position < end {
            let byte = bytes[position]
            guard Self.isSpace(byte) else { return byte }
            if byte == 0x0A { line += 1 }
            position += 1
        }
        return nil
    }

    /// Consumes `byte` if it comes next (after white space).
    package mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    /// Consumes `byte`, which must come next (after white space).
    package mutating func expect(_ byte: Unicode.Scalar) throws {
        guard take(byte) else { throw unexpected(wanted: "`\(byte)`") }
    }

    /// Consumes a comma or the closing `bracket`.
    ///
    /// - Returns: whether it was the bracket.
    package mutating func takeEnd(_ bracket: Unicode.Scalar) throws -> Bool {
        if take(",") { return false }
        guard take(bracket) else { throw unexpected(wanted: "`,` or `\(bracket)`") }
        return true
    }

    // MARK: - Errors

    /// The error that something is wrong here, with the file, the line and the byte.
    package func failure(_ problem: String, remedy: String? = nil) -> InputError {
        InputError(
            .unreadable, "invalid JSON: \(problem)", in: "\(file): line \(line), byte \(position)",
            remedy: remedy ?? self.remedy)
    }

    /// The error that the next byte (after white space) may not stand here.
    mutating func unexpected(wanted: String) -> InputError {
        guard let found = peek() else { return failure("the text ends where \(wanted) should follow") }
        let name = found > 0x20 && found < 0x7F ? "`\(Unicode.Scalar(found))`" : "the byte \(found)"
        return failure("\(name) where \(wanted) should stand")
    }
}
