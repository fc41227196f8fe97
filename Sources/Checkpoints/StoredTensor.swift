import DataFiles
import TensorCore

/// A tensor as it lies in a mapped file: name, shape, type, place.
public struct StoredTensor: Sendable {
    /// Its name in the file.
    public let name: String
    /// The sizes of the axes, slowest first: a matrix is [rows, columns], a row's elements lie together.
    public let shape: [Int]
    /// How its values are stored.
    public let type: TensorType
    /// The mapped file, which stays open as long as a tensor of it is used.
    public let file: MappedFile
    /// Where the data lie in the file, in bytes; checked to be inside of it.
    ///
    /// Where the size of the type's elements isn't known, up to the data of the next tensor.
    public let range: Range<Int>

    /// How the weights are stored, for those who want to use them.
    ///
    /// - Throws: `InputError` that names the tensor and its type, where that is none of weights that can be used.
    public var format: WeightFormat {
        get throws {
            if let format = type.weightFormat { return format }
            let formats = type.ggmlNumber == nil ? [.f32, .f16, .bf16] : WeightFormat.allCases
            throw InputError.badData(
                "weights stored as \(type.name), which is not supported", in: "\(file.path): \(name)",
                remedy: "convert the model to one of \(formats.map(\.name).joined(separator: " "))")
        }
    }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// The data's bytes; valid while `file` lives.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: file.bytes[range]) }
}
