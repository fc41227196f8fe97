import DataFiles
import TensorCore

/// A tensor stored in a mapped file: its name, shape, type and place.
public struct StoredTensor: Sendable {
    /// Its name in the file.
    public let name: String
    /// The sizes of the axes, slowest first: a matrix is [rows, columns], and the elements of a row are contiguous.
    public let shape: [Int]
    /// How its values are stored.
    public let type: TensorType
    /// The mapped file, which stays open as long as one of its tensors is used.
    public let file: MappedFile
    /// The range of the data in the file, in bytes, checked to be within the file.
    ///
    /// If the size of the type's elements isn't known, it reaches up to the data of the next tensor.
    public let range: Range<Int>

    /// The format of the weights, for products with them.
    ///
    /// - Throws: `InputError` that names the tensor and its type, if weights of that type can't be used.
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
