import Foundation

/// The numbers that turn logits into probabilities.
package struct LogitSummary {
    /// ln Σ exp(logit), in double precision.
    package var logSum: Double
    /// The token with the largest logit; in a tie, the first one.
    package var largest: Int

    /// - Parameter logits: [V]
    package init(_ logits: ArraySlice<Float>) {
        (logSum, largest) = logits.withUnsafeBufferPointer { values in
            var best = 0
            for i in values.indices where values[i] > values[best] { best = i }
            let most = Double(values[best])
            var sum = 0.0
            for i in values.indices { sum += exp(Double(values[i]) - most) }
            return (most + log(sum), best)
        }
    }

    /// −ln p(token), in nats.
    ///
    /// - Parameter logits: the logits that the summary was made from.
    func crossEntropy(of token: Int, _ logits: ArraySlice<Float>) -> Double {
        logSum - Double(logits[logits.startIndex + token])
    }
}

/// A distribution of the next token that other distributions are compared with.
///
/// Memory: 8 bytes for each token of the vocabulary.
package struct NextTokenDistribution {
    /// [V]
    private let logits: [Float]
    /// p of each token, [V].
    private let probabilities: [Float]
    let summary: LogitSummary

    /// - Parameter logits: [V]
    package init(_ logits: ArraySlice<Float>) {
        let summary = LogitSummary(logits)
        self.logits = Array(logits)
        self.summary = summary
        probabilities = logits.map { Float(exp(Double($0) - summary.logSum)) }
    }

    /// KL(p ‖ q) = Σ p (ln p − ln q) over the vocabulary, in nats, where q is the distribution of other logits.
    ///
    /// Equal logits give exactly 0. If a logit is NaN or infinite, the result can be too.
    ///
    /// - Parameter summary: the summary of the other logits.
    package func divergence(to other: ArraySlice<Float>, _ summary: LogitSummary) -> Double {
        var sum = 0.0
        other.withUnsafeBufferPointer { edited in
            logits.withUnsafeBufferPointer { unedited in
                probabilities.withUnsafeBufferPointer { p in
                    for i in 0..<edited.count where p[i] > 0 {
                        sum +=
                            Double(p[i])
                            * ((Double(unedited[i]) - self.summary.logSum) - (Double(edited[i]) - summary.logSum))
                    }
                }
            }
        }
        // Rounding can make a tiny sum negative.
        return sum < 0 ? 0 : sum
    }
}
