import DataFiles
import Foundation

/// Whether an effect is larger than a few null effects, tested for many effects together: a moderated t test.
///
/// The spread of a few null effects is a poor estimate. So their mean square is drawn towards the median over all
/// hypotheses with the weight ``priorWeight`` (empirical Bayes, Smyth 2004, doi 10.2202/1544-6115.1027). t has as many
/// degrees of freedom as there are null effects and prior ones together.
package struct ModeratedTest: Sendable, Equatable {
    /// The effect divided by the moderated spread.
    package var t: Double
    /// The two-sided p value.
    package var p: Double

    /// How many null effects the usual spread over all hypotheses counts as, for each of them.
    package static let priorWeight = 4

    /// The test of each hypothesis; nil if one of them has no null effects.
    ///
    /// - Parameter hypotheses: the effect of each, and its null effects: those of meaningless changes of the same size,
    ///   whose mean is 0.
    /// - Complexity: O(n log n).
    package static func tests(_ hypotheses: [(effect: Double, null: [Double])]) -> [ModeratedTest]? {
        guard !hypotheses.isEmpty, hypotheses.allSatisfy({ !$0.null.isEmpty }) else { return nil }
        let squares = hypotheses.map { $0.null.reduce(0) { $0 + $1 * $1 } / Double($0.null.count) }
        let usual = max(squares.sorted()[squares.count / 2], .leastNormalMagnitude)
        return zip(hypotheses, squares).map { hypothesis, square in
            let degrees = hypothesis.null.count + priorWeight
            let moderated =
                (Double(hypothesis.null.count) * square + Double(priorWeight) * usual) / Double(degrees)
            let t = hypothesis.effect / moderated.squareRoot()
            return ModeratedTest(t: t, p: studentTail(t, degrees: degrees))
        }
    }
}

/// The probability that |t| is at least this large under Student's distribution with a whole number of degrees of
/// freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4).
///
/// O(degrees).
package func studentTail(_ t: Double, degrees: Int) -> Double {
    precondition(degrees >= 1, "Student's distribution has at least one degree of freedom.")
    guard t.isFinite else { return t.isNaN ? 1 : 0 }
    let angle = atan(abs(t) / Double(degrees).squareRoot())
    let (sine, square) = (sin(angle), cos(angle) * cos(angle))
    // 1, 2/3 c², (2·4)/(3·5) c⁴ … or 1, 1/2 c², (1·3)/(2·4) c⁴ …
    let isOdd = !degrees.isMultiple(of: 2)
    var (term, sum) = (1.0, 0.0)
    for k in 0..<((isOdd ? degrees - 1 : degrees) / 2) {
        sum += term
        let j = Double(2 * k)
        term *= square * (isOdd ? (j + 2) / (j + 3) : (j + 1) / (j + 2))
    }
    let inside = isOdd ? 2 / Double.pi * (angle + (degrees == 1 ? 0 : sine * cos(angle) * sum)) : sine * sum
    return max(0, 1 - inside)
}
