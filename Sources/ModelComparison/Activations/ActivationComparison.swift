import DataFiles
import DataSets
import Foundation
import TensorCore
import Transformer

/// How alike one head's z is in both models, on the same tokens.
public struct HeadActivationChange: Sendable, Encodable, Equatable {
    /// The mean cosine of z in A and B, position by position.
    public var activationCosine: Double
    /// Linear CKA over the positions; nil where z doesn't vary.
    public var cka: Double?
    /// The mean of ‖z_B‖ / ‖z_A‖.
    public var normRatio: Double
}

/// How alike the heads' activations are.
public struct ActivationComparison: Sendable, Encodable, Equatable {
    /// A's heads in the order of layers and heads, each beside the head of B that its weights are those of.
    public var heads: [HeadResult<HeadActivationChange>]
    /// The number of positions that were compared, of so many in all texts.
    public var positions: Int
    public var positionsOfTexts: Int
}

extension ActivationComparison {
    /// The most bytes that the activations of both models may take, and the most positions.
    static let mostBytes = 1 << 28
    static let mostPositions = 1024

    /// Takes texts through both models at the same time and compares z of all heads at evenly spaced positions.
    ///
    /// - Parameters:
    ///   - texts: at least one token each.
    ///   - matched: for each layer where B has A's query heads; empty for in their places.
    ///   - onProgress: called with the number of texts that are done.
    /// - Throws: `InputError` if a text is too long or an activation is NaN or infinite; `CancellationError`.
    /// - Complexity: a forward pass of both models; in memory at most 256 MB of activations.
    public init(
        _ pair: ModelPair, texts: [[Int]], matched: [Int: [Int]] = [:], onProgress: (_ done: Int) -> Void = { _ in },
        isCancelled: @Sendable @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        let c = pair.configuration
        let rowSize = c.layers * c.heads * c.headSize
        let all = texts.reduce(0) { $0 + $1.count }
        let count = max(1, min(all, Self.mostPositions, Self.mostBytes / 8 / rowSize))
        let chosen = Set((0..<count).map { $0 * all / count })
        let values = try Self.read(pair, texts, chosen, rowSize: rowSize, onProgress, isCancelled)
        positions = count
        positionsOfTexts = all
        heads = try Head.all(c).concurrentMap(pair.workers) { head in
            let other = Head(layer: head.layer, index: matched[head.layer]?[head.index] ?? head.index)
            return HeadResult(
                head,
                HeadActivationChange(
                    Self.values(of: head, values.a, c), Self.values(of: other, values.b, c), columns: c.headSize))
        }
    }

    /// z of all heads at the chosen positions, [chosen, L, H, D], of both models.
    private static func read(
        _ pair: ModelPair, _ texts: [[Int]], _ chosen: Set<Int>, rowSize: Int, _ onProgress: (Int) -> Void,
        _ isCancelled: @Sendable @escaping () -> Bool
    ) throws -> OfBoth<[Float]> {
        let layers = pair.configuration.layers
        var values = OfBoth(a: [Float](), b: [Float]())
        var start = 0
        for (index, text) in texts.enumerated() {
            let positions = text.indices.filter { chosen.contains(start + $0) }
            start += text.count
            guard let last = positions.last else { continue }
            let tokens = Array(text[...last])
            let found = try pair.both { _, model, workers in
                let run = Run(model, workers: workers)
                run.isCancelled = isCancelled
                run.sequences = [model.makeSequence(promptCount: tokens.count)]
                let result = try run.advance([
                    Step(tokens: tokens, reads: (0..<layers).map { Read(.z($0), at: .all) }, logits: nil)
                ])[0]
                let rows = positions.flatMap { position in result.reads.flatMap { $0.values.row(position) } }
                guard rows.allSatisfy(\.isFinite) else {
                    throw InputError(
                        .notFinite, "an activation that is NaN or infinite", in: model.checkpoint.path,
                        remedy: "check the model's weights")
                }
                return rows
            }
            values.a += found.a
            values.b += found.b
            onProgress(index + 1)
        }
        return values
    }

    private static func values(of head: Head, _ rows: [Float], _ c: ModelConfiguration) -> [Double] {
        let rowSize = c.layers * c.heads * c.headSize
        let offset = (head.layer * c.heads + head.index) * c.headSize
        return stride(from: offset, to: rows.count, by: rowSize).flatMap { start in
            rows[start..<start + c.headSize].map(Double.init)
        }
    }
}

extension HeadActivationChange {
    /// - Parameter first, second: z of both models, [rows, D].
    init(_ first: [Double], _ second: [Double], columns: Int) {
        let rows = first.count / columns
        var (cosines, ratios, ratioCount) = (0.0, 0.0, 0)
        for row in 0..<rows {
            let (x, y) = (first[row * columns..<(row + 1) * columns], second[row * columns..<(row + 1) * columns])
            var (product, a, b) = (0.0, 0.0, 0.0)
            for (u, v) in zip(x, y) {
                product += u * v
                a += u * u
                b += v * v
            }
            // Two zero vectors are the same; one alone has no direction.
            cosines += a > 0 && b > 0 ? product / (a * b).squareRoot() : (a == b ? 1 : 0)
            if a > 0 {
                ratios += (b / a).squareRoot()
                ratioCount += 1
            }
        }
        activationCosine = cosines / Double(max(rows, 1))
        normRatio = ratioCount > 0 ? ratios / Double(ratioCount) : 1
        cka = LinearCKA.value(first, second, columns: columns)
    }
}
