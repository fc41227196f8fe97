import Foundation

/// A JSON object that begins with a checksum of its other bytes.
///
/// If somebody changes a file, its parts may no longer fit together, in more ways than readers can look for. The
/// checksum protects against accidents and editors, not against malice.
enum CheckedJSON {
    private static let start = Data(#"{"checksum":""#.utf8)
    private static let end = Data(#"","#.utf8)

    /// Encodes an object on one line, after its checksum.
    ///
    /// - Precondition: the value is an object with at least one field.
    static func encode(_ value: some Encodable) throws -> Data {
        let fields = try JSONEncoder.oneLine.encode(value).dropFirst()
        return start + checksum(fields) + end + fields
    }

    /// The value of an object written by ``encode(_:)``; nil if its bytes have changed or it is of another type.
    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) -> Value? {
        let count = start.count + checksum(Data()).count + end.count
        let fields = data.dropFirst(count)
        guard data.prefix(count) == start + checksum(fields) + end else { return nil }
        return try? JSONDecoder().decode(type, from: data)
    }

    private static func checksum(_ fields: Data) -> Data { Data(FNV1a(fields).text.utf8) }
}
