import DataFiles
import TensorCore

/// A tensor as it lies in a mapped file: name, shape, format, place.
public struct StoredTensor: Sendable {
    public let name: String
    /// The sizes of the axes, slowest first: a matrix is [rows, columns], a row's weights lie together.
    public let shape: [Int]
    public let format: WeightFormat
    public let file: MappedFile
    /// Where the data lie in the file, in bytes; checked to be inside of it.
    public let range: Range<Int>

    /// Checks that the data lie inside of the file.
    init(
        name: String, shape: [Int], format: WeightFormat, file: MappedFile,
        offset: (partialValue: UInt64, overflow: Bool)
    ) throws {
        self.name = name
        self.shape = shape
        self.format = format
        self.file = file
        let place = "\(file.path): tensor \(name)"
        var count = 1
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else {
                throw InputError.badData(
                    "an absurd shape \(shape)", in: place, remedy: "fetch or convert the model again")
            }
            count = product
        }
        guard (shape.last ?? 1) % format.weightsPerBlock == 0, let length = format.byteCount(weights: count) else {
            throw InputError.badData(
                "rows of \(shape.last ?? 1) weights, which is no multiple of the \(format.weightsPerBlock) in a block of "
                    + format.name, in: place, remedy: "fetch or convert the model again")
        }
        guard !offset.overflow, let start = Int(exactly: offset.partialValue), start <= file.count,
            length <= file.count - start
        else {
            throw InputError.badData(
                "data that reach past the end of the file (\(file.count) bytes: is it truncated?)", in: place,
                remedy: "fetch the model again")
        }
        self.range = start..<(start + length)
    }

    /// The number of weights.
    public var count: Int { shape.reduce(1, *) }

    /// The data's bytes; valid while `file` lives.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: file.bytes[range]) }
}
