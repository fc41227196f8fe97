import Foundation

/// The exact two-sided sign test (Arbuthnot, 1710): whether values lie above zero as often as below it.
///
/// Zeros are left out.
public struct SignTest: Sendable, Codable, Equatable {
    /// How many values lie above zero.
    public var positive: Int
    /// How many values lie below zero.
    public var negative: Int
    /// The p value; 1 if every value is zero.
    public var p: Double

    /// - Parameter differences: the values, independent of each other.
    /// - Complexity: O(differences).
    public init(_ differences: [Double]) {
        self.init(positive: differences.count { $0 > 0 }, negative: differences.count { $0 < 0 })
    }

    init(positive: Int, negative: Int) {
        self.positive = positive
        self.negative = negative
        p = min(1, 2 * Self.binomialTail(min(positive, negative), of: positive + negative))
    }

    /// P(X ≤ k) of a binomial variable of n trials with probability ½, with terms added up from their logarithms.
    static func binomialTail(_ k: Int, of n: Int) -> Double {
        var logTerm = -Double(n) * log(2)
        var sum = exp(logTerm)
        for i in 0..<k {
            logTerm += log(Double(n - i)) - log(Double(i + 1))
            sum += exp(logTerm)
        }
        return min(sum, 1)
    }
}
