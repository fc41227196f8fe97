import DataFiles
import Foundation

/// A JSON value with its place in a file, whose read errors name that place: `tokenizer.json: model.merges[3]`.
struct JSONField: Sendable {
    var value: JSONValue
    var file: String
    var path: String

    init(_ value: JSONValue, file: String, path: String = "") {
        self.value = value
        self.file = file
        self.path = path
    }

    /// Reads a file that holds one JSON value.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` with the line and the byte at fault.
    init(contentsOf url: URL) throws {
        self.init(try JSONValue(contentsOf: url), file: url.path(percentEncoded: false))
    }

    /// Reads a file that holds one JSON value.
    ///
    /// - Throws: `InputError` of the kind `.badData` with the line and the byte at fault.
    init(_ file: MappedFile) throws { self.init(try JSONValue(parsing: file.bytes, file: file.path), file: file.path) }

    /// The content of the value.
    var content: JSONValue.Content { value.content }

    /// The file and the path to the value, with its line unless that is the first.
    var place: String {
        let place = path.isEmpty ? file : "\(file): \(path)"
        return value.line == 1 ? place : "\(place), line \(value.line)"
    }

    func error(_ problem: String, remedy: String = "correct the file or fetch it again") -> InputError {
        .badData(problem, in: place, remedy: remedy)
    }

    /// The error for a construct in the file that is not supported.
    func unsupported(_ construct: String, supported: String) -> InputError {
        .unsupported("\(construct) is not supported", in: place, remedy: "use a tokenizer with \(supported)")
    }

    private func wrong(_ expected: String) -> InputError { error("\(content.kindName) where \(expected) should be") }

    var isNull: Bool { if case .null = content { true } else { false } }

    private func child(_ value: JSONValue, _ name: String) -> JSONField {
        JSONField(value, file: file, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// The field of an object; nil if it is absent or null.
    func field(_ key: String) throws -> JSONField? {
        guard case .object(let fields) = content else { throw wrong("an object") }
        guard let field = fields[key].map({ child($0, key) }), !field.isNull else { return nil }
        return field
    }

    /// A field of an object that must exist.
    func required(_ key: String) throws -> JSONField {
        guard let field = try field(key) else { throw error("no field \(key)") }
        return field
    }

    func elements() throws -> [JSONField] {
        guard case .array(let elements) = content else { throw wrong("an array") }
        return elements.indices.map { element($0, of: elements) }
    }

    /// The element at an index of the array that this value is.
    func element(_ index: Int, of elements: [JSONValue]) -> JSONField {
        JSONField(elements[index], file: file, path: "\(path)[\(index)]")
    }

    func string() throws -> String {
        guard case .string(let value) = content else { throw wrong("a string") }
        return value
    }

    func bool() throws -> Bool {
        guard case .bool(let value) = content else { throw wrong("true or false") }
        return value
    }

    func integer() throws -> Int {
        guard case .number(let number) = content, let value = number.integer else { throw wrong("a whole number") }
        return value
    }

    /// A token's id: a whole number that a vocabulary may have.
    func id() throws -> Int {
        let id = try integer()
        guard (0..<1 << 24).contains(id) else { throw error("the token id \(id)") }
        return id
    }
}
