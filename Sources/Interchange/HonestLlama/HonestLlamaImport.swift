import DataFiles
import Directions
import Foundation

/// Reads what honest_llama (Li et al. 2023, arXiv 2306.03341; github.com/likenneth/honest_llama) and forks of it save
/// with NumPy: directions of all heads, head-wise activations, labels.
///
/// Shapes, L layers of H heads of D values: directions [L·H, D] (`com_directions`, head h of layer l in row l·H + h) or
/// [L, H, D]; activations [N, L, H·D] (`…_head_wise.npy`), [N, L, H, D], [N, L·H, D] or [N, L·H·D]; labels [N]
/// (`…_labels.npy`). The activations are z, the input of the output projection, as everywhere here.
public struct HonestLlamaImport: Sendable {
    /// The model's sizes, which the arrays don't say.
    public var shape: HeadShape
    /// What σ divides by: N − ddof. 0 as `np.std` has it, which honest_llama uses; 1 for `torch.std`, as in its pyvene
    /// path.
    public var ddof = 0

    /// An import for a model of that shape.
    public init(_ shape: HeadShape) { self.shape = shape }

    /// Directions of all heads that are saved, with σ, mean and norms where there are activations or σ.
    ///
    /// σ is the standard deviation of z·θ̂ over the activations, as in `get_interventions_dict`. Heads whose direction is
    /// zero are left out: they have no θ̂.
    ///
    /// - Parameters:
    ///   - directions: the directions' file.
    ///   - sigmas: σ of each head, [L·H] or [L, H]; used instead of the activations' own.
    ///   - activations: activations on clean text, no labels needed.
    /// - Throws: `InputError` if a file is missing or broken, has another shape, or NaN or infinite values.
    /// - Complexity: O(N·L·H·D), one example in memory at a time.
    public func directions(
        _ directions: NumPyArray, sigmas: NumPyArray? = nil, activations: NumPyArray? = nil
    ) throws -> DirectionFile {
        guard shape.valueShapes.contains(directions.shape) else {
            throw wrongShape(directions, "directions", shape.valueShapes)
        }
        return try file(vectors: try finite(directions.values(), directions), sigmas: sigmas, activations: activations)
    }

    /// Mass-mean directions, mean of z where the label is true minus mean where it is false (`get_com_directions` on all
    /// rows), with σ, mean and norms.
    ///
    /// - Parameters:
    ///   - activations: labelled activations.
    ///   - labels: 1 or 0 for each of them.
    ///   - tuning: the activations that σ, mean and norms are taken from, without labels; the labelled ones where nil.
    /// - Throws: `InputError` if a file has another shape, a label is neither 0 nor 1, or all are the same.
    /// - Complexity: O(N·L·H·D), one example in memory at a time.
    public func massMeanDirections(
        activations: NumPyArray, labels: NumPyArray, sigmas: NumPyArray? = nil, tuning: NumPyArray? = nil
    ) throws -> DirectionFile {
        let examples = try checkActivations(activations)
        guard labels.shape == [examples] || labels.shape == [examples, 1] else {
            throw wrongShape(labels, "labels", [[examples]])
        }
        var sums = [[Double]](repeating: Array(repeating: 0, count: shape.headCount * shape.headSize), count: 2)
        var counts = [0, 0]
        for (example, label) in labels.values().enumerated() {
            guard label == 0 || label == 1 else {
                throw InputError.badData(
                    "the label \(label)", in: "\(labels.path): [\(example)]", remedy: "labels are 0 and 1")
            }
            let kind = Int(label)
            counts[kind] += 1
            for (i, value) in try finite(activations.values(at: example), activations).enumerated() {
                sums[kind][i] += value
            }
        }
        guard counts[0] > 0, counts[1] > 0 else {
            throw InputError.badData("labels that are all the same", in: labels.path, remedy: "give examples of both")
        }
        let vectors = sums[0].indices.map { sums[1][$0] / Double(counts[1]) - sums[0][$0] / Double(counts[0]) }
        return try file(vectors: vectors, sigmas: sigmas, activations: tuning ?? activations)
    }

    // MARK: - Parts

    /// - Parameter vectors: [L, H, D].
    private func file(vectors: [Double], sigmas: NumPyArray?, activations: NumPyArray?) throws -> DirectionFile {
        var given: [Double]?
        if let sigmas {
            guard shape.headShapes.contains(sigmas.shape) else { throw wrongShape(sigmas, "σ", shape.headShapes) }
            given = try finite(sigmas.values(), sigmas)
            if let index = given?.firstIndex(where: { $0 < 0 }) {
                throw InputError.badData(
                    "a negative spread", in: "\(sigmas.path): [\(index)]", remedy: "save standard deviations")
            }
        }
        let size = shape.headSize
        var statistics = (0..<shape.headCount).map {
            HeadStatistics(direction: Array(vectors[($0 * size)..<(($0 + 1) * size)]))
        }
        if let activations {
            for example in 0..<(try checkActivations(activations)) {
                let values = try finite(activations.values(at: example), activations)
                for head in statistics.indices { statistics[head].add(values[(head * size)..<((head + 1) * size)]) }
            }
        }
        var file = DirectionFile()
        file.metadata = ["source": "honest_llama", "ddof": "\(ddof)"]
        for (index, head) in statistics.enumerated() where head.unit != nil {
            file.add(
                "\(index / shape.heads).\(index % shape.heads)",
                DirectionFile.Entry(
                    vector: head.direction.map { Float($0) },
                    sigma: (given?[index] ?? head.sigma(ddof: ddof)).map { Float($0) },
                    mean: head.mean?.map { Float($0) }, headNorm: head.meanNorm.map { Float($0) }))
        }
        return file
    }

    /// The number of examples.
    private func checkActivations(_ array: NumPyArray) throws -> Int {
        guard let examples = array.shape.first, shape.valueShapes.contains(Array(array.shape.dropFirst())) else {
            throw wrongShape(array, "activations", shape.valueShapes.map { [-1] + $0 })
        }
        guard examples > ddof else {
            throw InputError.badData(
                "\(examples) examples", in: array.path, remedy: "give more than \(ddof), so that there is a spread")
        }
        return examples
    }

    private func finite(_ values: [Double], _ array: NumPyArray) throws -> [Double] {
        guard values.allSatisfy({ $0.isFinite && abs($0) <= Double(Float.greatestFiniteMagnitude) }) else {
            throw InputError(
                .notFinite,
                "NaN or infinite values", in: array.path, remedy: "compute them again in float32")
        }
        return values
    }

    private func wrongShape(_ array: NumPyArray, _ what: String, _ expected: [[Int]]) -> InputError {
        let shapes = expected.map { "(\($0.map { $0 < 0 ? "N" : "\($0)" }.joined(separator: ", ")))" }
        return .badData(
            "\(what) of the shape \(array.shape)", in: array.path,
            remedy: "for this model it is one of \(shapes.joined(separator: " "))")
    }
}
