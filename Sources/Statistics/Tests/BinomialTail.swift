/// P(X ≥ k) of a binomial distribution.
package enum BinomialTail {
    package static func probability(atLeast least: Int, of count: Int, share: Double) -> Double {
        guard least > 0 else { return 1 }
        guard least <= count else { return 0 }
        var sum = 0.0
        for k in least...count {
            var term = 1.0
            // C(n, k) p^k (1 − p)^(n − k), its factors in turn, so that nothing overflows.
            for i in 0..<k { term *= Double(count - i) / Double(k - i) * share }
            for _ in 0..<(count - k) { term *= 1 - share }
            sum += term
        }
        return min(sum, 1)
    }
}
