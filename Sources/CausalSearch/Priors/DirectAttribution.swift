import Directions
import Tasks
import TensorCore
import Tokenization
import Transformer

/// The direct effect of directions on the logits (direct logit attribution): W_O[:, h] θ̂ seen through the unembedding,
/// as if nothing between the head and the unembedding changed it.
///
/// It is a cheap prior. Heads that act through later layers don't show in it.
public struct DirectAttribution: Sendable {
    /// A token and how much the direction raises its logit, per unit of θ̂, with the final norm dividing by 1.
    public struct TokenWeight: Sendable, Codable, Equatable {
        /// The token.
        public var token: Int
        /// The token's spelling in the vocabulary.
        public var piece: String
        /// The change of the token's logit.
        public var weight: Double
    }

    /// A head with the tokens that its direction raises and lowers most.
    public typealias Tokens = HeadResult<Extremes>

    /// The tokens that a direction raises and lowers most.
    public struct Extremes: Sendable, Codable, Equatable {
        /// The tokens whose logits are raised most.
        public var raised: [TokenWeight]
        /// The tokens whose logits are lowered most.
        public var lowered: [TokenWeight]
    }

    private let model: LanguageModel

    /// Makes an attribution; nil if a block has a norm after its output projection (Gemma, OLMo 2).
    ///
    /// Such a norm makes what one head adds depend on the other heads, so that no head has a direct path of its own.
    public init?(_ model: LanguageModel) {
        guard model.configuration.blocks.allSatisfy({ !$0.norms.contains(.afterAttention) }) else { return nil }
        self.model = model
    }

    /// The cosine of what each direction writes to the residual stream with what the items' tokens read from it.
    ///
    /// The tokens read the mean over items of (mean of W_U ⊙ γ over the positive tokens − mean over the negative
    /// tokens).
    ///
    /// - Complexity: O(L · M · H · D).
    public func cosines(_ directions: [HeadDirection], items: [ContrastItem]) -> [Double] {
        var contrast = [Double](repeating: 0, count: model.configuration.width)
        var rows: [Int: [Float]] = [:]
        for item in items {
            for (tokens, sign) in [(item.positive, 1.0), (item.negative, -1.0)] {
                for token in tokens {
                    let row = rows[token] ?? model.unembedding(of: token)
                    rows[token] = row
                    for i in contrast.indices { contrast[i] += sign * Double(row[i]) / Double(tokens.count) }
                }
            }
        }
        return written(directions).map { written in
            var (dot, square, other) = (0.0, 0.0, 0.0)
            for (a, b) in zip(written, contrast) {
                dot += a * b
                square += a * a
                other += b * b
            }
            let norms = (square * other).squareRoot()
            return norms > 0 ? dot / norms : 0
        }
    }

    /// The tokens that each direction raises and lowers most.
    ///
    /// - Complexity: O(directions · V · M).
    /// - Throws: `InputError` if the vocabulary lacks a token of the unembedding.
    public func tokens(
        _ directions: [HeadDirection], count: Int = 5, tokenizer: Tokenizer, workers: WorkerPool
    ) throws -> [Tokens] {
        let logits = model.directLogits(of: written(directions).map { $0.map(Float.init) }, workers: workers)
        return try directions.enumerated().map { index, direction in
            let row = Array(logits.row(index))
            let isBefore = { (a: Int, b: Int) in row[a] != row[b] ? row[a] > row[b] : a < b }
            func weights(_ tokens: [Int]) throws -> [TokenWeight] {
                try tokens.map { token in
                    // With a padded vocabulary, some logits belong to tokens that nobody can write.
                    let piece = token < tokenizer.vocabularyCount ? try tokenizer.piece(token) : "<\(token)>"
                    return TokenWeight(token: token, piece: piece, weight: Double(row[token]))
                }
            }
            return Tokens(
                direction.head,
                Extremes(
                    raised: try weights(row.indices.first(count, by: isBefore)),
                    lowered: try weights(row.indices.first(count) { isBefore($1, $0) })))
        }
    }

    /// r · W_O[:, h] θ̂ of each direction, where r is the block's residual multiplier, [directions][M].
    private func written(_ directions: [HeadDirection]) -> [[Double]] {
        let size = model.configuration.headSize
        var result = [[Double]](repeating: [], count: directions.count)
        for (layer, own) in Dictionary(grouping: directions.indices, by: { directions[$0].head.layer }) {
            let output = model.outputProjection(layer: layer)
            let multiplier = Double(model.configuration.blocks[layer].residualMultiplier)
            for index in own {
                let first = directions[index].head.index * size
                let unit = directions[index].unit
                result[index] = (0..<output.rows).map { row in
                    var sum = 0.0
                    for column in 0..<size { sum += Double(output[row, first + column]) * Double(unit[column]) }
                    return multiplier * sum
                }
            }
        }
        return result
    }
}

extension Range<Int> {
    /// The first `count` elements in an order; this is faster than sorting when `count` is small and the range is
    /// large.
    fileprivate func first(_ count: Int, by isBefore: (Int, Int) -> Bool) -> [Int] {
        var first: [Int] = []
        for index in self where first.count < count || first.last.map({ isBefore(index, $0) }) == true {
            let place = first.lastIndex { !isBefore(index, $0) }.map { $0 + 1 } ?? 0
            first.insert(index, at: place)
            if first.count > count { first.removeLast() }
        }
        return first
    }
}
