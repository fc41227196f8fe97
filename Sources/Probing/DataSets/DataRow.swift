import DataFiles

/// The value of a field of a data set's row, as far as data sets care for it.
enum DataFieldValue: Equatable {
    case string(String)
    case strings([String])
    case bool(Bool)
    /// A number as it is written: it is never computed with, so its size doesn't matter.
    case number(String)
    case null
    /// Anything else; the text says what.
    case other(String)

    /// What the value is, for an error message.
    var kindName: String {
        switch self {
        case .string: "a string"
        case .strings: "an array of strings"
        case .bool: "true or false"
        case .number: "a number"
        case .null: "null"
        case .other(let name): name
        }
    }
}

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
    var fields: [String: DataFieldValue]
    var place: DataRowPlace
    /// Whether the format has no types, so that a label may be written as text (CSV).
    var isUntyped = false

    /// The names of the fields that data sets know; others are not kept.
    static let knownFields: Set<String> = [
        "prompt", "completion", "text", "statement", "label", "group", "question", "answer_matching_behavior",
        "answer_not_matching_behavior", "positive", "negative",
    ]
}

/// Calls `body` for each row of a file, in order; the format is told by the first byte that isn't white space.
func forEachDataRow(
    in bytes: UnsafeBufferPointer<UInt8>, file: String, _ body: (DataRow) throws -> Void
) throws {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
        throw InputError.badData("UTF-16 text", in: file, remedy: "save the file as UTF-8")
    }
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let content = UnsafeBufferPointer(rebasing: bytes[start...])
    guard let first = content.first(where: { !JSONScanner.isSpace($0) }) else {
        throw InputError.badData("nothing", in: file, remedy: "write at least one row")
    }
    switch first {
    case UInt8(ascii: "["): try forEachRowOfJSONArray(content, file: file, body)
    case UInt8(ascii: "{"): try forEachRowOfJSONLines(content, file: file, body)
    default: try forEachRowOfCSV(content, file: file, body)
    }
}
