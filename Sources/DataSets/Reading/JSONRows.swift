import DataFiles

private let formats = "write JSON Lines, a JSON array of objects, or CSV"
private let plainStringsRemedy =
    #"write each row as {"text": "…", "label": true}, with false for the rows of the other class"#

extension JSONReader {
    /// The next value as a row.
    fileprivate mutating func row(_ number: Int, file: String) throws -> DataRow {
        let first = peek()
        switch first {
        case UInt8(ascii: "{"):
            let place = DataRowPlace(line: line, row: number)
            return DataRow(fields: try fields(named: DataRow.knownFields), place: place)
        case UInt8(ascii: "\""):
            throw InputError.badData(
                "a row that is a plain string without a label", in: "\(file): line \(line)",
                remedy: plainStringsRemedy)
        default:
            throw InputError(
                .unreadable,
                "a row that is not a JSON object", in: "\(file): line \(line)",
                remedy: "write each row as {\"field\": value, …}")
        }
    }
}

/// `[{…}, {…}]`
func forEachRowOfJSONArray(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, file: String, _ body: (DataRow) throws -> Void
) throws {
    var reader = JSONReader(bytes, range: start..<bytes.count, file: file, remedy: formats)
    try reader.expect("[")
    guard !reader.take("]") else {
        throw InputError.badData("an array without rows", in: file, remedy: "write at least one row")
    }
    var number = 0
    repeat {
        number += 1
        try body(try reader.row(number, file: file))
    } while try !reader.takeEnd("]")
    if reader.peek() != nil {
        throw reader.failure("text after the end of the array", remedy: "keep one array in the file")
    }
}

/// One object per line; blank lines are skipped.
func forEachRowOfJSONLines(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, file: String, _ body: (DataRow) throws -> Void
) throws {
    var number = 0
    var line = 0
    var start = start
    while start < bytes.count {
        line += 1
        let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        var reader = JSONReader(bytes, range: start..<end, line: line, file: file, remedy: formats)
        start = end + 1
        guard reader.peek() != nil else { continue }
        number += 1
        try body(try reader.row(number, file: file))
        if reader.peek() != nil {
            throw reader.failure("text after the end of a row", remedy: "write one row a line")
        }
    }
}
