import Checkpoints
import DataFiles

/// The settings of a GGUF file's architecture, read key by key; keys that no family reads are refused at the end.
///
/// Keys are given without the architecture's name: `block_count` for `llama.block_count`.
final class GGUFSettings {
    let file: GGUFFile
    let architecture: String
    private var asked: Set<String> = []

    /// - Throws: `InputError` if the file has no `general.architecture`, or isn't a model.
    init(_ file: GGUFFile) throws {
        self.file = file
        let metadata = file.metadata
        guard let architecture = try metadata.string("general.architecture") else {
            throw InputError.badData(
                "no value for general.architecture", in: metadata.path, remedy: "fetch or convert the model again")
        }
        self.architecture = architecture
        if let type = try metadata.string("general.type"), type != "model" {
            throw InputError.unsupported(
                "a GGUF file of the type \(type)", in: "\(metadata.path): general.type", remedy: "give a whole model")
        }
    }

    /// The file and the key, for messages.
    func place(_ key: String) -> String { "\(file.metadata.path): \(architecture).\(key)" }

    /// Whether the file has a tensor with this name.
    func hasTensor(_ name: String) -> Bool { file.tensors.contains { $0.name == name } }

    func string(_ key: String) throws -> String? { try file.metadata.string(name(key)) }

    func double(_ key: String) throws -> Double? { try file.metadata.double(name(key)) }

    func requiredDouble(_ key: String) throws -> Double {
        guard let value = try double(key) else { throw missing(key) }
        return value
    }

    func bool(_ key: String) throws -> Bool? {
        try file.metadata[name(key)].map { value in
            guard let bool = value.bool else { throw wrong(key, "true or false") }
            return bool
        }
    }

    /// A whole number, or a list with one for each layer, which must all be the same.
    func integer(_ key: String) throws -> Int? {
        guard let array = file.metadata[name(key)]?.array else { return try file.metadata.integer(name(key)) }
        guard let values = try? array.integers(), let first = values.first else { throw wrong(key, "a whole number") }
        guard values.allSatisfy({ $0 == first }) else {
            throw InputError.unsupported(
                "values that differ from layer to layer (\(values.map(String.init).joined(separator: ", ")))",
                in: place(key), remedy: "use a model whose layers have one shape")
        }
        return first
    }

    func required(_ key: String) throws -> Int {
        guard let value = try integer(key) else { throw missing(key) }
        return value
    }

    /// Truth values, one for each layer.
    func bools(_ key: String, count: Int) throws -> [Bool]? {
        guard let value = file.metadata[name(key)] else { return nil }
        guard let array = value.array, array.count == count else { throw wrong(key, "\(count) truth values") }
        return try array.bools()
    }

    /// The values of a vector that the file stores beside the weights.
    ///
    /// - Throws: `InputError` if there is no such tensor or it has another length.
    func vector(_ name: String, count: Int) throws -> [Float] {
        try WeightSource(file).vector(name, count: count)
    }

    func missing(_ key: String) -> InputError {
        .badData(
            "no value for \(architecture).\(key)", in: file.metadata.path, remedy: "fetch or convert the model again")
    }

    func wrong(_ key: String, _ expected: String) -> InputError {
        .badData("a value that is not \(expected)", in: place(key), remedy: "fetch or convert the model again")
    }

    /// The error for a setting that the family can't have.
    func refuse(_ key: String, _ problem: String) -> InputError {
        .unsupported(problem, in: place(key), remedy: "use a model without it")
    }

    /// Refuses the architecture's keys that nothing has read, except those that can't change what the model computes.
    ///
    /// - Throws: `InputError` of the kind `.unsupported` that names the key.
    func refuseUnread() throws {
        for key in file.metadata.keys where key.hasPrefix("\(architecture).") && !asked.contains(key) {
            let name = String(key.dropFirst(architecture.count + 1))
            if HarmlessLeftovers.ggufKeys[name] != nil { continue }
            // This is how the format says that a model has no such thing.
            if file.metadata[key]?.double == 0 || file.metadata[key]?.bool == false { continue }
            throw InputError.unsupported(
                "a setting that is not understood, and may change what the model computes",
                in: "\(file.metadata.path): \(key)", remedy: "use a model without it")
        }
    }

    private func name(_ key: String) -> String {
        let name = "\(architecture).\(key)"
        asked.insert(name)
        return name
    }
}
