import Foundation

/// A JSON value, and the line of the file that it begins on.
package struct JSONValue: Sendable {
    /// The kinds of value.
    package enum Content: Sendable {
        case null
        case bool(Bool)
        case number(JSONNumber)
        case string(String)
        case array([JSONValue])
        case object(JSONFields)

        /// The kind's name, for messages.
        package var kindName: String {
            switch self {
            case .null: "null"
            case .bool: "true or false"
            case .number: "a number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        }
    }

    package let content: Content
    /// Stored in 32 bits, which makes a value 24 bytes large instead of 32.
    private let storedLine: UInt32

    package init(_ content: Content, line: Int) {
        self.content = content
        self.storedLine = UInt32(clamping: line)
    }

    /// The line that the value begins on, from 1.
    package var line: Int { Int(storedLine) }
}

extension JSONValue {
    /// Reads a file that holds one JSON value; a byte order mark before it is skipped.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` with the line and the byte that are wrong.
    /// - Complexity: O(bytes).
    package init(contentsOf url: URL) throws {
        let file = try MappedFile(contentsOf: url)
        self = try withExtendedLifetime(file) { try JSONValue(parsing: file.bytes, file: file.path) }
    }

    /// Parses bytes that hold one JSON value; a byte order mark before it is skipped.
    ///
    /// - Parameter file: the file's name in error messages.
    /// - Throws: `InputError` of the kind `.badData` with the line and the byte that are wrong.
    /// - Complexity: O(bytes).
    package init(parsing data: Data, file: String) throws {
        self = try data.withUnsafeBytes { try JSONValue(parsing: $0, file: file) }
    }

    /// Parses bytes that hold one JSON value; see `init(parsing:file:)` for data.
    package init(parsing bytes: UnsafeRawBufferPointer, file: String) throws {
        self = try bytes.withMemoryRebound(to: UInt8.self) { bytes in
            let start = bytes.starts(with: JSONReader.byteOrderMark) ? JSONReader.byteOrderMark.count : 0
            var reader = JSONReader(bytes, range: start..<bytes.count, file: file)
            let value = try reader.value()
            guard reader.peek() == nil else { throw reader.failure("text after the end of the value") }
            return value
        }
    }
}
