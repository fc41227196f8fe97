import DataFiles
import XCTest

final class SeededGeneratorTests: XCTestCase {
    /// Bounds are five standard errors wide.
    func testMoments() {
        var generator = SeededGenerator(seed: 1)
        let count = 20_000
        let uniform = (0..<count).map { _ in generator.uniform() }
        let normal = (0..<count).map { _ in generator.gaussian() }
        XCTAssertTrue(uniform.allSatisfy { (0..<1).contains($0) })
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(count) }
        XCTAssertEqual(mean(uniform), 0.5, accuracy: 5 * (1.0 / 12 / Double(count)).squareRoot())
        XCTAssertEqual(mean(normal), 0, accuracy: 5 * (1 / Double(count)).squareRoot())
        XCTAssertEqual(mean(normal.map { $0 * $0 }), 1, accuracy: 5 * (2 / Double(count)).squareRoot())
        XCTAssertEqual(mean(normal.map { $0 * $0 * $0 * $0 }), 3, accuracy: 5 * (96 / Double(count)).squareRoot())
    }

    /// All orders of four elements, χ² with 23 degrees of freedom below its 99.99% point.
    func testShufflesAreUniform() {
        var generator = SeededGenerator(seed: 2)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<4800 {
            var order = [0, 1, 2, 3]
            generator.shuffle(&order)
            counts[order, default: 0] += 1
        }
        XCTAssertEqual(counts.count, 24)
        let statistic = counts.values.reduce(0.0) { $0 + pow(Double($1) - 200, 2) / 200 }
        XCTAssertLessThan(statistic, 56.9)
    }

    func testIntegersReachTheirWholeRange() {
        var generator = SeededGenerator(seed: 3)
        XCTAssertEqual(Set((0..<300).map { _ in generator.integer(below: 7) }), Set(0..<7))
        XCTAssertEqual(generator.integer(below: 1), 0)
        XCTAssertTrue((0..<50).allSatisfy { _ in (0..<Int.max).contains(generator.integer(below: .max)) })
    }

    func testStreamsDiffer() {
        var first = SeededGenerator(seed: 4, stream: 1)
        var second = SeededGenerator(seed: 4, stream: 2)
        var swapped = SeededGenerator(seed: 1, stream: 4)
        var again = SeededGenerator(seed: 4, stream: 1)
        let value = first.next()
        XCTAssertEqual(value, again.next())
        XCTAssertNotEqual(value, second.next())
        XCTAssertNotEqual(value, swapped.next())
    }
}
