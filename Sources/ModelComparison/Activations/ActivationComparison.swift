import DataFiles
import DataSets
import Foundation
import TensorCore
import Transformer

/// How similar one head's z is in both models, on the same tokens.
public struct HeadActivationChange: Sendable, Codable, Equatable {
    /// The mean cosine of z in A and B, position by position.
    public var activationCosine: Double
    /// Linear CKA over the positions; nil if z doesn't vary.
    public var cka: Double?
    /// The mean of ‖z_B‖ / ‖z_A‖.
    public var normRatio: Double
}

/// How similar the heads' activations are.
public struct ActivationComparison: Sendable, Codable, Equatable {
    /// A's heads in the order of layers and heads, each compared with the head of B that its weights match.
    public var heads: [HeadResult<HeadActivationChange>]
    /// The number of positions that were compared.
    public var positions: Int
    /// The number of positions in all texts, of which ``positions`` were compared.
    public var positionsOfTexts: Int
}

extension ActivationComparison {
    /// The most bytes that the activations of both models may take, and the most positions.
    static let mostBytes = 1 << 28
    static let mostPositions = 1024
    /// How many tokens of short texts go through the models together.
    private static let rowsTogether = 128

    /// Takes texts through both models at the same time and compares z of all heads at evenly spaced positions.
    ///
    /// - Parameters:
    ///   - texts: at least one token each.
    ///   - matched: for each layer, where B has A's query heads; empty if they are in the same places.
    ///   - onProgress: called with the number of texts done so far.
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
        var values = OfBoth(a: [Float](), b: [Float]())
        // For each text, its tokens up to the last chosen position, and which positions are chosen.
        var parts: [(tokens: [Int], positions: [Int])] = []
        var start = 0
        for text in texts {
            let positions = text.indices.filter { chosen.contains(start + $0) }
            parts.append((Array(text.prefix((positions.last ?? -1) + 1)), positions))
            start += text.count
        }
        for range in TextBatches.ranges(parts.map(\.tokens.count), tokens: rowsTogether) {
            let own = parts[range].filter { !$0.tokens.isEmpty }
            if !own.isEmpty {
                let found = try pair.both { _, model, workers in
                    try Self.rows(model, own, workers, isCancelled)
                }
                values.a += found.a
                values.b += found.b
            }
            onProgress(range.upperBound)
        }
        return values
    }

    /// z of all heads of one model at some positions of some texts, [positions, L, H, D].
    private static func rows(
        _ model: LanguageModel, _ texts: [(tokens: [Int], positions: [Int])], _ workers: WorkerPool,
        _ isCancelled: @Sendable @escaping () -> Bool
    ) throws -> [Float] {
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        run.sequences = texts.map { model.makeSequence(promptCount: $0.tokens.count) }
        let reads = (0..<model.configuration.layers).map { Read(.z($0), at: .all) }
        let results = try run.advance(
            texts.enumerated().map { Step(sequence: $0, tokens: $1.tokens, reads: reads, logits: nil) })
        let rows = zip(texts, results).flatMap { text, result in
            text.positions.flatMap { position in result.reads.flatMap { $0.values.row(position) } }
        }
        guard rows.allSatisfy(\.isFinite) else {
            throw InputError(
                .notFinite, "an activation that is NaN or infinite", in: model.checkpoint.path,
                remedy: "check the model's weights")
        }
        return rows
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
