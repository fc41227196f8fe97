import DataFiles

private let plainStringsRemedy =
    #"write each row as {"text": "…", "label": true}, with false for the rows of the other class"#

extension JSONScanner {
    /// The next value as a row.
    fileprivate mutating func row(_ number: Int) throws -> DataRow {
        let first = peek()
        let place = DataRowPlace(line: line, row: number)
        switch first {
        case UInt8(ascii: "{"): return DataRow(fields: try object(keeping: DataRow.knownFields), place: place)
        case UInt8(ascii: "\""):
            throw failure("a row that is a plain string without a label", remedy: plainStringsRemedy)
        default: throw failure("a row that is not a JSON object", remedy: "write each row as {\"field\": value, …}")
        }
    }
}

/// `[{…}, {…}]`
func forEachRowOfJSONArray(
    _ bytes: UnsafeBufferPointer<UInt8>, file: String, _ body: (DataRow) throws -> Void
) throws {
    var scanner = JSONScanner(bytes, file: file)
    try scanner.expect("[")
    guard !scanner.take("]") else {
        throw InputError.badData("an array without rows", in: file, remedy: "write at least one row")
    }
    var number = 0
    repeat {
        number += 1
        try body(try scanner.row(number))
    } while scanner.take(",")
    guard scanner.take("]") else { throw scanner.unexpected(wanted: "`,` or `]`") }
    if scanner.peek() != nil {
        throw scanner.failure("text after the end of the array", remedy: "keep one array in the file")
    }
}

/// One object a line; blank lines are skipped.
func forEachRowOfJSONLines(
    _ bytes: UnsafeBufferPointer<UInt8>, file: String, _ body: (DataRow) throws -> Void
) throws {
    var number = 0
    var line = 0
    var start = 0
    while start < bytes.count {
        line += 1
        let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        var scanner = JSONScanner(UnsafeBufferPointer(rebasing: bytes[start..<end]), file: file, line: line)
        start = end + 1
        guard scanner.peek() != nil else { continue }
        number += 1
        try body(try scanner.row(number))
        if scanner.peek() != nil {
            throw scanner.failure("text after the end of a row", remedy: "write one row a line")
        }
    }
}
