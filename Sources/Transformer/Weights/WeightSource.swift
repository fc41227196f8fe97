import Checkpoints
import DataFiles
import TensorCore

/// Finds a model's tensors in a checkpoint, checks their shapes, and keeps track of those that nothing used.
final class WeightSource {
    /// The checkpoint's path, for messages.
    let path: String
    private let names: [String]
    private let find: (String) throws -> StoredTensor?
    private var used: Set<String> = []

    init(_ file: GGUFFile) {
        path = file.metadata.path
        names = file.tensors.map(\.name)
        let tensors = Dictionary(file.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        find = { tensors[$0] }
    }

    init(_ folder: HuggingFaceFolder) {
        path = folder.path
        names = folder.tensorNames
        // Of any type, because code that takes a tensor as weights checks the type.
        find = folder.tensor
    }

    /// Whether the checkpoint has a tensor with this name.
    func has(_ name: String) throws -> Bool { try find(name) != nil }

    /// A matrix of weights, used in place.
    func matrix(_ name: String, rows: Int, columns: Int) throws -> WeightMatrix {
        try tensor(name, shape: [rows, columns]).matrix(rows: rows, columns: columns)
    }

    /// A vector, unpacked to float32.
    func vector(_ name: String, count: Int) throws -> [Float] {
        try tensor(name, shape: [count]).matrix(rows: 1, columns: count).unpacked().elements
    }

    /// Several matrices of one tensor, [count, rows, columns], used in place.
    func matrices(_ name: String, count: Int, rows: Int, columns: Int) throws -> [WeightMatrix] {
        try tensor(name, shape: [count, rows, columns]).matrix(rows: count * rows, columns: columns).split(by: rows)
    }

    /// A stored tensor of a given shape.
    ///
    /// - Throws: `InputError` if there is no tensor with this name, or it has another shape.
    func tensor(_ name: String, shape: [Int]) throws -> StoredTensor {
        guard let tensor = try find(name) else {
            throw InputError.badData("no tensor \(name)", in: path, remedy: "fetch or convert the model again")
        }
        guard tensor.shape == shape else {
            throw InputError.badData(
                "a tensor of the shape \(tensor.shape) where the configuration asks for \(shape)",
                in: "\(path): \(name)", remedy: "fetch or convert the model again")
        }
        used.insert(name)
        return tensor
    }

    /// Marks a tensor as used, such as one that the settings have read.
    func use(_ name: String) { used.insert(name) }

    /// Refuses tensors that nothing used, because a model that uses them computes something else.
    ///
    /// - Throws: `InputError` of the kind `.unsupported` that names the first one.
    func refuseUnused() throws {
        let left = names.filter { !used.contains($0) && !HarmlessLeftovers.isHarmless(tensor: $0) }.sorted()
        guard let first = left.first else { return }
        throw InputError.unsupported(
            "a tensor that this architecture doesn't use"
                + (left.count > 1 ? " (and \(left.count - 1) more, the last of them \(left[left.count - 1]))" : ""),
            in: "\(path): \(first)", remedy: "use a model without it: with it, another function would be computed")
    }
}

extension StoredTensor {
    /// - Throws: `InputError` if the tensor's type is not a format of weights.
    fileprivate func matrix(rows: Int, columns: Int) throws -> WeightMatrix {
        WeightMatrix(rows: rows, columns: columns, format: try format, bytes: bytes, owner: file)
    }
}
