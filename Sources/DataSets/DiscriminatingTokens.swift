import DataFiles
import Foundation

/// The tokens that best tell two classes of texts apart, for a contrast if the user gave none.
///
/// Tokens are ranked by the z-scored log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi & Quinn,
/// "Fightin' Words", Political Analysis 16:4, 2008, eq. 16-22). With `y` a token's count in a class, `n` the number of
/// tokens in the class, `α` the token's prior count and `α₀` the sum of all `α`:
///
///     δ = log((y₁ + α) / (n₁ + α₀ − y₁ − α)) − log((y₂ + α) / (n₂ + α₀ − y₂ − α))
///     z = δ / √(1 / (y₁ + α) + 1 / (y₂ + α))
///
/// The prior is the pooled texts themselves: `α` = `priorWeight` × the token's count in both classes.
public struct DiscriminatingTokens<Token: Hashable & Comparable & Sendable>: Sendable, Equatable {
    /// A token and how strongly it points to one class.
    public struct Entry: Sendable, Equatable {
        /// The token.
        public var token: Token
        /// The z-scored log-odds ratio; positive for tokens of the class `true`.
        public var z: Double
    }

    /// Tokens that are more frequent in the class `true`, best first.
    public var positive: [Entry]
    /// Tokens that are more frequent in the class `false`, best first.
    public var negative: [Entry]

    /// Ranks the tokens of labelled texts.
    ///
    /// Equal scores are ordered by token. O(number of tokens), plus sorting the distinct ones.
    /// - Parameters:
    ///   - texts: the tokens of each text.
    ///   - labels: the class of each text.
    ///   - count: how many tokens to keep for each class; fewer are kept if fewer lean to that class.
    ///   - priorWeight: the weight of the prior relative to the data. The default 1, as many prior counts as there are
    ///     data, favours tokens that occur in only one class over frequent tokens with a slight preference.
    ///   - excluding: tokens that may not be chosen (they still count as text).
    /// - Throws: `InputError` if no token leans to one of the classes.
    /// - Precondition: each text has one label; at least one token of each class is wanted; the prior's weight is
    ///   positive and finite.
    public init(
        of texts: [[Token]], labels: [Bool], count: Int, priorWeight: Double = 1, excluding: Set<Token> = []
    ) throws {
        precondition(texts.count == labels.count, "Each text needs one label.")
        precondition(count > 0, "At least one token of each class is wanted.")
        precondition(priorWeight > 0 && priorWeight.isFinite, "The prior's weight must be positive.")
        var counts: [Token: (inTrue: Double, inFalse: Double)] = [:]
        for (text, label) in zip(texts, labels) {
            for token in text {
                if label {
                    counts[token, default: (0, 0)].inTrue += 1
                } else {
                    counts[token, default: (0, 0)].inFalse += 1
                }
            }
        }
        // Counts are whole numbers: these sums are exact in any order.
        let total = counts.values.reduce(into: (0.0, 0.0)) { $0 = ($0.0 + $1.inTrue, $0.1 + $1.inFalse) }
        let allPrior = priorWeight * (total.0 + total.1)
        var entries: [Entry] = []
        for (token, count) in counts where !excluding.contains(token) {
            let prior = priorWeight * (count.inTrue + count.inFalse)
            let (inTrue, inFalse) = (count.inTrue + prior, count.inFalse + prior)
            let (restTrue, restFalse) = (total.0 + allPrior - inTrue, total.1 + allPrior - inFalse)
            // A class whose texts hold only this token has no odds.
            guard restTrue > 0, restFalse > 0 else { continue }
            let logOdds = log(inTrue / restTrue) - log(inFalse / restFalse)
            entries.append(Entry(token: token, z: logOdds / (1 / inTrue + 1 / inFalse).squareRoot()))
        }
        let ranked = { (sign: Double) in
            let side = entries.filter { $0.z * sign > 0 }
            return Array(side.sorted { ($1.z * sign, $0.token) < ($0.z * sign, $1.token) }.prefix(count))
        }
        positive = ranked(1)
        negative = ranked(-1)
        if positive.isEmpty || negative.isEmpty {
            throw InputError.badData(
                "no token tells the classes apart", in: "the labelled texts",
                remedy: "add texts of both labels, or give contrast prompts")
        }
    }
}
