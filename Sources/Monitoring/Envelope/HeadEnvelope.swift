import TensorCore
import Transformer

/// What z of every head looks like on clean texts: its mean μ and a transform that makes it white.
///
/// With x = (z − μ) / s, s the root mean square of z around μ, and x's shrunk covariance Σ = L Lᵀ, the whitened values
/// y = L⁻¹ x have the unit matrix for their covariance, and ‖y‖² is the squared Mahalanobis distance of z from the clean
/// mean: D in the mean over clean tokens.
///
/// L⁻¹ is kept in half precision and without its upper triangle, for the memory that every token has to read: 2.5 MB would
/// take as long as a twentieth of a decoding step of the smallest models.
public struct HeadEnvelope: Sendable {
    /// L, H and D of the model.
    public let layers: Int
    public let heads: Int
    public let headSize: Int
    /// μ, [L, H, D].
    public let mean: [Float]
    /// s, [L, H].
    public let scale: [Float]
    /// L⁻¹ of all heads in binary16, each as in ``TriangularBlocks``.
    let whitening: [UInt16]
    let blocks: TriangularBlocks

    /// - Parameters:
    ///   - mean: [L, H, D].
    ///   - scale: [L, H], above 0.
    ///   - whitening: L⁻¹ of all heads, packed.
    init(layers: Int, heads: Int, headSize: Int, mean: [Float], scale: [Float], whitening: [UInt16]) {
        blocks = TriangularBlocks(size: headSize)
        precondition(
            mean.count == layers * heads * headSize && scale.count == layers * heads
                && whitening.count == layers * heads * blocks.count,
            "An envelope has a mean, a scale and a transform for each head.")
        self.layers = layers
        self.heads = heads
        self.headSize = headSize
        self.mean = mean
        self.scale = scale
        self.whitening = whitening
    }

    /// L⁻¹ of all heads in binary16, [L, H, D, D], zero above the diagonal.
    func unpackedWhitening() -> [UInt16] {
        (0..<layers * heads).flatMap { head in
            blocks.unpack(Array(whitening[head * blocks.count..<(head + 1) * blocks.count]))
        }
    }

    /// Whitens z of a layer's heads.
    ///
    /// - Parameters:
    ///   - z: [H, D] of one position.
    ///   - y: room for as many values.
    ///   - x: room for D values.
    func whiten(
        layer: Int, _ z: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        scratch x: UnsafeMutablePointer<Float>
    ) {
        for head in 0..<heads {
            whiten(
                layer * heads + head, z + head * headSize, into: y + head * headSize, scratch: x)
        }
    }

    /// Whitens z of one head.
    ///
    /// - Parameters:
    ///   - index: the head's number among all, layer · H + head.
    ///   - z: [D].
    ///   - y: room for as many values.
    ///   - x: room for as many values.
    @inline(__always)
    func whiten(
        _ index: Int, _ z: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
        scratch x: UnsafeMutablePointer<Float>
    ) {
        mean.withUnsafeBufferPointer { mean in
            whitening.withUnsafeBufferPointer { whitening in
                guard let mean = mean.baseAddress, let whitening = whitening.baseAddress else { return }
                let centre = mean + index * headSize
                let factor = 1 / scale[index]
                for i in 0..<headSize { x[i] = (z[i] - centre[i]) * factor }
                blocks.multiply(whitening + index * blocks.count, x, into: y)
            }
        }
    }
}

/// How a lower triangular matrix of D rows is kept: in bands of up to 32 rows, each of them a rectangle that ends with its last
/// row's diagonal. Row after row within a band, band after band.
struct TriangularBlocks: Sendable {
    static let bandRows = 32

    let size: Int
    /// The number of values of a matrix.
    let count: Int

    init(size: Int) {
        self.size = size
        var count = 0
        for start in stride(from: 0, to: size, by: Self.bandRows) {
            let end = min(start + Self.bandRows, size)
            count += (end - start) * end
        }
        self.count = count
    }

    /// The values of a matrix as they are kept, rounded to binary16.
    ///
    /// - Parameter matrix: row-major, [D, D].
    func pack(_ matrix: [Double]) -> [UInt16] {
        var packed = [UInt16](repeating: 0, count: count)
        packed.withUnsafeMutableBufferPointer { packed in
            guard let target = packed.baseAddress else { return }
            var offset = 0
            for start in stride(from: 0, to: size, by: Self.bandRows) {
                let end = min(start + Self.bandRows, size)
                for row in start..<end {
                    let values = (0..<end).map { Float(matrix[row * size + $0]) }
                    WeightFormat.f16.round(values, count: end, into: target + offset)
                    offset += end
                }
            }
        }
        return packed
    }

    /// The matrix that packed values are of, row-major, [D, D].
    func unpack(_ packed: [UInt16]) -> [UInt16] {
        var matrix = [UInt16](repeating: 0, count: size * size)
        var offset = 0
        for start in stride(from: 0, to: size, by: Self.bandRows) {
            let end = min(start + Self.bandRows, size)
            for row in start..<end {
                matrix.replaceSubrange(row * size..<row * size + end, with: packed[offset..<offset + end])
                offset += end
            }
        }
        return matrix
    }

    /// y ← A x.
    ///
    /// - Parameters:
    ///   - matrix: A as kept.
    ///   - x: [D].
    ///   - y: [D].
    @inline(__always)
    func multiply(_ matrix: UnsafePointer<UInt16>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
        var offset = 0
        var start = 0
        while start < size {
            let end = min(start + Self.bandRows, size)
            DotProducts.run(
                n: end, x, rows: 1, strideX: end, .f16, matrix + offset, rows: end - start, bytesPerRow: 2 * end,
                into: y + start, strideY: size, scratch: y)
            offset += (end - start) * end
            start = end
        }
    }
}
