import DataFiles
import Foundation
import Generation
import XCTest

/// Against exact probabilities: counts of draws with a fixed seed, within five standard errors of the binomial.
final class SamplerTests: XCTestCase {
    private static let logits: [Float] = [0.5, 2, -1, 1.25, 2, -3, 0, .nan, -.infinity]
    private static let draws = 20_000

    private func check(
        _ sampling: Sampling, _ expected: [Double], _ logits: [Float] = logits, line: UInt = #line
    ) {
        XCTAssertEqual(expected.reduce(0, +), 1, accuracy: 1e-12, "the expectation itself", line: line)
        var sampler = Sampler(sampling)
        var counts = [Int](repeating: 0, count: logits.count)
        for _ in 0..<Self.draws { counts[sampler.next(logits)] += 1 }
        for (token, probability) in expected.enumerated() {
            let mean = probability * Double(Self.draws)
            let bound = 5 * (mean * (1 - probability)).squareRoot()
            XCTAssertEqual(Double(counts[token]), mean, accuracy: bound, "token \(token), \(sampling)", line: line)
        }
    }

    /// The softmax of some of the logits at a temperature; all others have the probability 0.
    private func softmax(_ tokens: [Int], temperature: Double) -> [Double] {
        var weights = [Double](repeating: 0, count: Self.logits.count)
        for token in tokens { weights[token] = exp(Double(Self.logits[token]) / temperature) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    func testTemperature() {
        for temperature in [0.3, 1, 2.5] {
            check(
                Sampling(temperature: temperature, seed: 1), softmax([0, 1, 2, 3, 4, 5, 6], temperature: temperature))
        }
    }

    func testTopK() {
        check(Sampling(temperature: 1, topK: 1, seed: 2), softmax([1], temperature: 1))
        check(Sampling(temperature: 1, topK: 2, seed: 3), softmax([1, 4], temperature: 1))
        check(Sampling(temperature: 1.5, topK: 4, seed: 4), softmax([1, 4, 3, 0], temperature: 1.5))
        check(Sampling(temperature: 1, topK: 100, seed: 5), softmax([0, 1, 2, 3, 4, 5, 6], temperature: 1))
    }

    /// At temperature 1 the probabilities are 0.367, 0.367, 0.173, 0.082, 0.050, 0.018, 0.002 in falling order.
    func testTopP() {
        check(Sampling(temperature: 1, topP: 1e-9, seed: 6), softmax([1], temperature: 1))
        check(Sampling(temperature: 1, topP: 0.3, seed: 7), softmax([1], temperature: 1))
        check(Sampling(temperature: 1, topP: 0.5, seed: 8), softmax([1, 4], temperature: 1))
        check(Sampling(temperature: 1, topP: 0.8, seed: 9), softmax([1, 4, 3], temperature: 1))
        check(Sampling(temperature: 1, topP: 0.95, seed: 10), softmax([1, 4, 3, 0, 6], temperature: 1))
    }

    /// The temperature comes first, then top-k, and top-p looks at what top-k left.
    func testAllTogether() {
        // Of the three best, the first two have 0.81 of the weight, so 0.8 leaves the third out.
        check(Sampling(temperature: 1, topK: 3, topP: 0.8, seed: 11), softmax([1, 4], temperature: 1))
        // At temperature 10 all are alike: the first two of seven have 0.32.
        check(Sampling(temperature: 10, topP: 0.3, seed: 12), softmax([1, 4], temperature: 10))
    }

    func testGreedy() {
        var sampler = Sampler(.greedy)
        XCTAssertEqual(sampler.next([1, 3, 2, 3] as [Float]), 1, "the first of equals")
        XCTAssertEqual(sampler.next([-.infinity, -5] as [Float]), 1)
        XCTAssertEqual(sampler.next([.nan, -5, .nan] as [Float]), 1)
        XCTAssertEqual(sampler.next([0, .infinity] as [Float]), 1)
        XCTAssertEqual(sampler.next([.nan, .nan] as [Float]), 0)
        XCTAssertEqual(sampler.next([-.infinity, -.infinity] as [Float]), 0)
        let slice = ([9, 1, 2] as [Float]).dropFirst()
        XCTAssertEqual(sampler.next(slice), 1, "counted from the slice's beginning")
    }

    func testExtremes() {
        for sampling in [Sampling(temperature: 1, seed: 1), Sampling(temperature: 1, topK: 2, topP: 0.9, seed: 1)] {
            var sampler = Sampler(sampling)
            XCTAssertEqual(sampler.next([7] as [Float]), 0)
            XCTAssertEqual(sampler.next([0, .infinity, 1] as [Float]), 1)
            XCTAssertEqual(sampler.next([.nan, .nan] as [Float]), 0)
            XCTAssertEqual(sampler.next([.nan, 3, .nan] as [Float]), 1)
            XCTAssertEqual(sampler.next([-.infinity, -.infinity] as [Float]), 0)
            XCTAssertEqual(sampler.next([-3e38, 3e38] as [Float]), 1)
        }
        var cold = Sampler(Sampling(temperature: 1e-300, seed: 1))
        XCTAssertEqual(cold.next([1, 3, 2] as [Float]), 1, "a temperature at which logits overflow")
    }

    func testSeeds() {
        func tokens(seed: UInt64, stream: UInt64) -> [Int] {
            var sampler = Sampler(Sampling(temperature: 2, seed: seed), stream: stream)
            return (0..<200).map { _ in sampler.next(Self.logits) }
        }
        XCTAssertEqual(tokens(seed: 1, stream: 0), tokens(seed: 1, stream: 0))
        let all = [(1, 0), (2, 0), (1, 1), (1, 2), (2, 1)].map { tokens(seed: $0.0, stream: $0.1) }
        for i in all.indices {
            for j in 0..<i {
                let same = zip(all[i], all[j]).count { $0.0 == $0.1 }
                XCTAssertLessThan(same, 100, "sequences \(i) and \(j) agree in \(same) of 200 tokens")
            }
        }
    }
}
