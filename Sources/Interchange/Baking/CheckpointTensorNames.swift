import Checkpoints
import TensorCore

/// How a checkpoint format calls a layer's output projection.
enum CheckpointTensorNames {
    static func outputWeight(_ layer: Int, in checkpoint: Checkpoint) -> String {
        "\(output(layer, in: checkpoint)).weight"
    }

    static func outputBias(_ layer: Int, in checkpoint: Checkpoint) -> String {
        "\(output(layer, in: checkpoint)).bias"
    }

    private static func output(_ layer: Int, in checkpoint: Checkpoint) -> String {
        switch checkpoint {
        case .gguf: "blk.\(layer).attn_output"
        case .huggingFace: "\(attention(layer)).o_proj"
        }
    }

    /// The beginning of the names of all tensors of a layer's attention in a Hugging Face folder.
    static func attention(_ layer: Int) -> String { "model.layers.\(layer).self_attn" }
}

extension Checkpoint {
    /// The tensor of that name, if there is one.
    ///
    /// - Throws: `InputError` if its type is not supported.
    func tensor(_ name: String) throws -> StoredTensor? {
        switch self {
        case .gguf(let file): file.tensors.first { $0.name == name }
        case .huggingFace(let folder): try folder.weights(name)
        }
    }
}

extension StoredTensor {
    /// The tensor as a matrix, [rows, columns]; a vector has one row.
    var matrix: WeightMatrix {
        let columns = shape.last ?? 1
        return WeightMatrix(
            rows: columns == 0 ? 0 : count / columns, columns: columns, format: format, bytes: bytes, owner: file)
    }
}
