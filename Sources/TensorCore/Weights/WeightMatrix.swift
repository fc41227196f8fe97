import CWeightKernels
import DataFiles

/// An immutable matrix of weights, [rows, columns], in the format in which it is stored, used in place.
///
/// Row r holds the weights of output r, so that y = W·x: y has `rows` values, x has `columns`.
public struct WeightMatrix: @unchecked Sendable {
    // Unchecked because of the raw address: the bytes are never written, and `owner` keeps them alive.
    /// The number of outputs.
    public let rows: Int
    /// The number of inputs.
    public let columns: Int
    /// How the weights are stored.
    public let format: WeightFormat
    /// The distance from one row to the next, in bytes.
    public let bytesPerRow: Int
    private let address: UnsafeRawPointer
    let owner: any AnyObject & Sendable

    /// A view of bytes that another object owns.
    ///
    /// - Parameters:
    ///   - bytes: rows · (bytes of a row), no alignment needed.
    ///   - owner: keeps the bytes alive and unchanged.
    /// - Precondition: `bytes` has the size that the weights take.
    public init(
        rows: Int, columns: Int, format: WeightFormat, bytes: UnsafeRawBufferPointer,
        owner: any AnyObject & Sendable
    ) {
        guard let bytesPerRow = format.byteCount(weights: columns), let address = bytes.baseAddress else {
            preconditionFailure("A row of \(columns) weights is no multiple of the block of \(format.name).")
        }
        precondition(
            bytes.count == rows * bytesPerRow,
            "\(rows) × \(columns) weights in \(format.name) take \(rows * bytesPerRow) bytes, not \(bytes.count).")
        self.rows = rows
        self.columns = columns
        self.format = format
        self.bytesPerRow = bytesPerRow
        self.address = address
        self.owner = owner
    }

    /// A copy of float32 weights, row after row.
    ///
    /// - Precondition: rows × columns elements.
    public init(rows: Int, columns: Int, elements: [Float]) {
        precondition(
            elements.count == rows * columns && !elements.isEmpty,
            "A matrix of \(rows) × \(columns) needs \(rows * columns) elements, not \(elements.count).")
        let owned = OwnedFloats(elements)
        self.init(
            rows: rows, columns: columns, format: .f32, bytes: UnsafeRawBufferPointer(owned.buffer), owner: owned)
    }

    /// The number of bytes that the weights take.
    public var byteCount: Int { rows * bytesPerRow }

    /// The address of a row's first byte.
    @inline(__always)
    func row(_ row: Int) -> UnsafeRawPointer { address + row &* bytesPerRow }

    /// Unpacks one row to float32, [columns].
    ///
    /// - Precondition: the row is in the matrix.
    public func unpack(row: Int, into values: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows, "The matrix has \(rows) rows; there is no row \(row).")
        headsteer_unpack(Int32(format.rawValue), self.row(row), values, columns)
    }

    /// Unpacks consecutive rows to float32, [rows of the range, columns].
    func unpack(rows range: Range<Int>, into values: UnsafeMutablePointer<Float>) {
        headsteer_unpack(Int32(format.rawValue), row(range.lowerBound), values, range.count &* columns)
    }

    /// All weights as float32, [rows, columns].
    public func unpacked() -> Matrix {
        let elements = [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
            unpack(rows: 0..<rows, into: buffer.baseAddress!)
            count = rows * columns
        }
        return Matrix(rows: rows, columns: columns, elements: elements)
    }
}

/// Float32 values that a ``WeightMatrix`` owns.
private final class OwnedFloats: @unchecked Sendable {
    // Unchecked because of the address: the values are written only here.
    let buffer: UnsafeMutableBufferPointer<Float>

    init(_ elements: [Float]) {
        buffer = .allocate(capacity: elements.count)
        _ = buffer.initialize(from: elements)
    }

    deinit { buffer.deallocate() }
}
