import DataFiles

/// Where a row begins.
struct DataRowPlace {
    /// From 1.
    var line: Int
    /// From 1.
    var row: Int

    func description(in file: String) -> String { "\(file): line \(line) (row \(row))" }
}

/// One row of a data set file, before its fields are given a meaning.
struct DataRow {
    /// The fields that data sets know; in CSV all are strings.
    var fields: JSONFields
    var place: DataRowPlace
    /// Whether the format has no types, so that a label may be written as text (CSV).
    var isUntyped = false

    /// The names of the fields that data sets know.
    static let knownFields: Set<String> = [
        "prompt", "completion", "text", "statement", "label", "group", "question", "answer_matching_behavior",
        "answer_not_matching_behavior", "positive", "negative", "span",
    ]
}

/// Calls `body` for each row of a file, in order; the format is recognised by the first byte that isn't white space.
func forEachDataRow(
    in bytes: UnsafeBufferPointer<UInt8>, file: String, _ body: (DataRow) throws -> Void
) throws {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
        throw InputError(.unreadable, "UTF-16 text", in: file, remedy: "save the file as UTF-8")
    }
    let start = bytes.starts(with: JSONReader.byteOrderMark) ? JSONReader.byteOrderMark.count : 0
    guard let first = bytes[start...].first(where: { !JSONReader.isSpace($0) }) else {
        throw InputError.badData("nothing", in: file, remedy: "write at least one row")
    }
    switch first {
    case UInt8(ascii: "["): try forEachRowOfJSONArray(bytes, from: start, file: file, body)
    case UInt8(ascii: "{"): try forEachRowOfJSONLines(bytes, from: start, file: file, body)
    default: try forEachRowOfCSV(UnsafeBufferPointer(rebasing: bytes[start...]), file: file, body)
    }
}
