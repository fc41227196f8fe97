import DataFiles

/// A JSON value with its objects' fields in the order of the file.
///
/// For files whose keys are pieces of a vocabulary: a dictionary with `String` keys would take pieces that are
/// canonically equivalent for one.
enum JSONNode: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONNode])
    case object([(key: String, value: JSONNode)])

    /// What it is, for messages.
    var description: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// A JSON value with its place in a file, read with errors that name the place: `tokenizer.json: model.merges[3]`.
struct JSONField: Sendable {
    var node: JSONNode
    var file: String
    var path: String

    init(_ node: JSONNode, file: String, path: String = "") {
        self.node = node
        self.file = file
        self.path = path
    }

    var place: String { path.isEmpty ? file : "\(file): \(path)" }

    func error(_ problem: String, remedy: String = "correct the file or fetch it again") -> InputError {
        .badData(problem, in: place, remedy: remedy)
    }

    /// The error that a construct of the file is not supported.
    func unsupported(_ construct: String, supported: String) -> InputError {
        error("\(construct) is not supported", remedy: "use a tokenizer with \(supported)")
    }

    private func wrong(_ expected: String) -> InputError { error("\(node.description) where \(expected) should be") }

    var isNull: Bool { if case .null = node { true } else { false } }

    /// The field of an object; nil where it is absent or null. Of fields with the same name the last counts.
    func field(_ key: String) throws -> JSONField? {
        guard case .object(let fields) = node else { throw wrong("an object") }
        guard let field = fields.last(where: { $0.key == key }) else { return nil }
        let result = JSONField(field.value, file: file, path: path.isEmpty ? key : "\(path).\(key)")
        return result.isNull ? nil : result
    }

    /// The field of an object that has to be there.
    func required(_ key: String) throws -> JSONField {
        guard let field = try field(key) else { throw error("no field \(key)") }
        return field
    }

    func fields() throws -> [(key: String, value: JSONField)] {
        guard case .object(let fields) = node else { throw wrong("an object") }
        return fields.map {
            ($0.key, JSONField($0.value, file: file, path: path.isEmpty ? $0.key : "\(path).\($0.key)"))
        }
    }

    func elements() throws -> [JSONField] {
        guard case .array(let elements) = node else { throw wrong("an array") }
        return elements.enumerated().map { JSONField($1, file: file, path: "\(path)[\($0)]") }
    }

    func string() throws -> String {
        guard case .string(let value) = node else { throw wrong("a string") }
        return value
    }

    func bool() throws -> Bool {
        guard case .bool(let value) = node else { throw wrong("true or false") }
        return value
    }

    func integer() throws -> Int {
        guard case .integer(let value) = node else { throw wrong("a whole number") }
        return value
    }

    /// A token's id: a whole number that a vocabulary may have.
    func id() throws -> Int {
        let id = try integer()
        guard (0..<1 << 24).contains(id) else { throw error("the token id \(id)") }
        return id
    }
}
