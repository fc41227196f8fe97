import DataFiles
import TensorCore
import Transformer

/// Moments of z of all heads, in folds of texts, from which envelopes follow: for all texts, or for all but one fold's.
struct EnvelopeMoments {
    let layers: Int
    let heads: Int
    let headSize: Int
    /// [fold][L · H]
    private var moments: [[ActivationMoments]]

    /// Added to the diagonal of a covariance, whose mean is 1, so that a direction in which clean z never varies
    /// counts, but for no more than a thousand times its difference.
    static let ridge = 1e-6

    init(layers: Int, heads: Int, headSize: Int, folds: Int) {
        (self.layers, self.heads, self.headSize) = (layers, heads, headSize)
        moments = Array(
            repeating: Array(repeating: ActivationMoments(size: headSize), count: layers * heads), count: folds)
    }

    /// Adds positions to a fold.
    ///
    /// - Parameter z: z of each layer, [positions, H · D].
    /// - Throws: `InputError` if a value is NaN or infinite.
    mutating func add(_ z: [Matrix], fold: Int, workers: WorkerPool) throws {
        var own = moments[fold]
        let (heads, size) = (heads, headSize)
        own.withUnsafeMutableBufferPointer { own in
            // Each task writes only its own layer.
            nonisolated(unsafe) let own = own
            workers.run(layers) { layer, _ in
                for head in 0..<heads {
                    var rows: [Double] = []
                    rows.reserveCapacity(z[layer].rows * size)
                    for row in 0..<z[layer].rows {
                        rows += z[layer].row(row).dropFirst(head * size).prefix(size).map(Double.init)
                    }
                    own[layer * heads + head].add(rows)
                }
            }
        }
        moments[fold] = own
        for (index, moments) in own.enumerated() where !moments.isFinite {
            throw InputError(
                .notFinite, "a NaN or infinite value",
                in: "z of head \(Head(layer: index / heads, index: index % heads)) on the clean texts",
                remedy: "check the model's weights")
        }
    }

    /// The number of positions.
    var count: Int { moments.reduce(0) { $0 + $1[0].count } }

    /// Means and shrunk covariances of all heads on all texts but a fold's.
    ///
    /// - Throws: `LAPACKError` if a decomposition fails, which finite activations don't cause.
    func fitted(without fold: Int? = nil, workers: WorkerPool) throws -> FittedHeads {
        let kept = moments.indices.filter { $0 != fold }
        let heads = try Array(0..<layers * heads).concurrentMap(workers) { head in
            var all = moments[kept[0]][head]
            for other in kept.dropFirst() { all.add(moments[other][head]) }
            return try FittedHead(all)
        }
        return FittedHeads(layers: layers, heads: self.heads, headSize: headSize, fitted: heads)
    }
}

/// One head's mean and shrunk covariance.
struct FittedHead: Sendable {
    let mean: [Double]
    let covariance: SymmetricMatrix
    let shrinkage: Double
    /// s: the root mean square of z around its mean.
    let scale: Double
    /// L⁻¹ of the covariance of (z − μ) / s, row-major, [D, D].
    let whitening: [Double]

    init(_ moments: ActivationMoments) throws {
        let size = moments.size
        mean = moments.mean
        (covariance, shrinkage) = moments.shrunkCovariance()
        // A head that is always the same has no spread of its own: its rounding stands in for it.
        let square = mean.reduce(0) { $0 + $1 * $1 } / Double(size)
        scale = max(covariance.trace / Double(size), 1e-10 * square, 1e-30).squareRoot()
        var scaled = SymmetricMatrix(zerosOfSize: size)
        scaled.add(covariance, times: 1 / (scale * scale))
        scaled.addToDiagonal(EnvelopeMoments.ridge)
        var ridge = EnvelopeMoments.ridge
        var decomposition = try CholeskyDecomposition(of: scaled)
        while decomposition == nil, ridge < 1 {
            scaled.addToDiagonal(9 * ridge)
            ridge *= 10
            decomposition = try CholeskyDecomposition(of: scaled)
        }
        whitening = decomposition?.inverseFactor() ?? []
    }
}

/// The fits of all heads.
struct FittedHeads: Sendable {
    let layers: Int
    let heads: Int
    let headSize: Int
    /// [L · H]
    let fitted: [FittedHead]

    /// The envelope, with its transforms rounded to binary16 as a file keeps them.
    ///
    /// - Throws: `InputError` if there isn't enough memory for it.
    func envelope() throws -> HeadEnvelope {
        try HeadEnvelope(
            layers: layers, heads: heads, headSize: headSize, mean: fitted.flatMap { $0.mean.map { Float($0) } },
            scale: fitted.map { Float($0.scale) },
            whitening: fitted.flatMap { $0.whitening.map { Float(binary16: Float($0)) } })
    }

    var meanShrinkage: Double { fitted.reduce(0) { $0 + $1.shrinkage } / Double(fitted.count) }

    /// The mean and the spread of z · θ̂ on the texts.
    func projection(_ head: Head, along direction: [Float]) -> (mean: Double, sigma: Double) {
        let own = fitted[head.layer * heads + head.index]
        let unit = direction.map { Double($0) }
        let mean = zip(own.mean, unit).reduce(0) { $0 + $1.0 * $1.1 }
        let product = MatrixVectorProducts.product(own.covariance.values, columns: headSize, times: unit)
        return (mean, max(zip(product, unit).reduce(0) { $0 + $1.0 * $1.1 }, 0).squareRoot())
    }
}

extension Float {
    /// The value rounded to what binary16 can hold.
    init(binary16 value: Float) {
        var bits: UInt16 = 0
        withUnsafeMutablePointer(to: &bits) { bits in
            withUnsafePointer(to: value) { WeightFormat.f16.round($0, count: 1, into: bits) }
        }
        self = HalfPrecision.float(fromBinary16: bits)
    }
}
