import Foundation

/// A JSON object that begins with a checksum of its other bytes: what a file says that somebody changed may not fit together, in more
/// ways than readers can look for. Against accidents and editors, not against malice.
enum CheckedJSON {
    private static let start = Data(#"{"checksum":""#.utf8)
    private static let end = Data(#"","#.utf8)

    /// An object on one line.
    ///
    /// - Precondition: the value is an object with at least one field.
    static func encode(_ value: some Encodable) throws -> Data {
        let fields = try JSONEncoder.oneLine.encode(value).dropFirst()
        return start + checksum(fields) + end + fields
    }

    /// The value of an object that was written by ``encode(_:)``; nil where its bytes are others, or it is of another type.
    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) -> Value? {
        let count = start.count + checksum(Data()).count + end.count
        let fields = data.dropFirst(count)
        guard data.prefix(count) == start + checksum(fields) + end else { return nil }
        return try? JSONDecoder().decode(type, from: data)
    }

    private static func checksum(_ fields: Data) -> Data { Data(FNV1a(fields).text.utf8) }
}
