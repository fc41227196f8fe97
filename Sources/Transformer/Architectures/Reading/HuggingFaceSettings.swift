import Checkpoints
import DataFiles

/// A folder's `config.json`, read field by field; fields that no family reads are refused at the end.
final class HuggingFaceSettings {
    let folder: HuggingFaceFolder
    private let json: JSONObject
    private var asked: Set<String> = []

    init(_ folder: HuggingFaceFolder) {
        self.folder = folder
        json = folder.configuration
    }

    /// The file, for messages.
    var path: String { json.place }

    func integer(_ key: String) throws -> Int? { try json.integer(name(key)) }
    func double(_ key: String) throws -> Double? { try json.double(name(key)) }
    func bool(_ key: String) throws -> Bool? { try json.bool(name(key)) }
    func string(_ key: String) throws -> String? { try json.string(name(key)) }
    func strings(_ key: String) throws -> [String]? { try json.strings(name(key)) }
    func integers(_ key: String) throws -> [Int]? { try json.integers(name(key)) }
    func object(_ key: String) throws -> JSONObject? { try json.object(name(key)) }

    /// Whether the field exists and is not null.
    func has(_ key: String) -> Bool { json.has(name(key)) }

    /// A whole number that has no default in transformers.
    func required(_ key: String) throws -> Int {
        guard let value = try integer(key) else { throw json.missing(key) }
        return value
    }

    /// A number, with transformers' default if the field is absent; a null field is refused.
    func double(_ key: String, default standard: Double) throws -> Double {
        if let value = try double(key) { return value }
        if json.keys.contains(key) { throw json.wrong(key, "a number") }
        return standard
    }

    /// The same for whole numbers.
    func integer(_ key: String, default standard: Int) throws -> Int {
        if let value = try integer(key) { return value }
        if json.keys.contains(key) { throw json.wrong(key, "a whole number") }
        return standard
    }

    /// A number, with a default if the field is absent and nil if it is null.
    func optionalDouble(_ key: String, default standard: Double?) throws -> Double? {
        try double(key) ?? (json.keys.contains(key) ? nil : standard)
    }

    /// The same for whole numbers.
    func optionalInteger(_ key: String, default standard: Int?) throws -> Int? {
        try integer(key) ?? (json.keys.contains(key) ? nil : standard)
    }

    func missing(_ key: String) -> InputError { json.missing(key) }
    func wrong(_ key: String, _ expected: String) -> InputError { json.wrong(key, expected) }

    /// The error for a setting that the family can't have.
    func refuse(_ key: String, _ problem: String) -> InputError {
        .unsupported(problem, in: "\(path): \(key)", remedy: "use a model without it")
    }

    /// Refuses the fields that nothing has read, except those that can't change what the model computes.
    ///
    /// - Throws: `InputError` of the kind `.unsupported` that names the field.
    func refuseUnread() throws {
        for key in json.keys where !asked.contains(key) && HarmlessLeftovers.configFields[key] == nil && json.has(key) {
            if HarmlessLeftovers.configPrefixes.contains(where: key.hasPrefix) { continue }
            throw InputError.unsupported(
                "a field that is not understood, and may change what the model computes", in: "\(path): \(key)",
                remedy: "use a model without it, or remove the field where it is only a note")
        }
    }

    private func name(_ key: String) -> String {
        asked.insert(key)
        return key
    }
}
