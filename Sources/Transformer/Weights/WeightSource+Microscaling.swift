import Checkpoints
import DataFiles
import TensorCore

/// Matrices in MXFP4 whose blocks and scales are separate tensors.
struct MicroscaledMatrices {
    let blocks: StoredTensor
    let scales: StoredTensor
    let count: Int
    let columns: Int

    /// A copy of some rows of a matrix.
    func matrix(_ index: Int, rows: StrideTo<Int>) -> WeightMatrix {
        func part(_ tensor: StoredTensor) -> UnsafeRawBufferPointer {
            let size = tensor.bytes.count / count
            return UnsafeRawBufferPointer(rebasing: tensor.bytes[(index * size)..<((index + 1) * size)])
        }
        return WeightMatrix(mxfp4Blocks: part(blocks), scales: part(scales), rows: rows, columns: columns)
    }
}

extension WeightSource {
    /// Finds the tensors `NAME_blocks` [count, rows, columns / 32, 16] and `NAME_scales` [count, rows, columns / 32],
    /// which contain bytes.
    ///
    /// - Throws: `InputError` if one is missing, has another shape or type, or rows are not whole blocks.
    func microscaled(_ name: String, count: Int, rows: Int, columns: Int) throws -> MicroscaledMatrices {
        guard columns % 32 == 0 else {
            throw InputError.badData(
                "rows of \(columns) weights, which are no whole blocks of 32", in: "\(path): \(name)_blocks",
                remedy: "fetch or convert the model again")
        }
        let shape = [count, rows, columns / 32]
        let tensors = try [
            tensor("\(name)_blocks", shape: shape + [16]), tensor("\(name)_scales", shape: shape),
        ]
        for tensor in tensors where tensor.type.name != "U8" {
            throw InputError.badData(
                "packed weights of the type \(tensor.type.name) instead of U8", in: "\(path): \(tensor.name)",
                remedy: "fetch or convert the model again")
        }
        return MicroscaledMatrices(blocks: tensors[0], scales: tensors[1], count: count, columns: columns)
    }
}
