import XCTest

@testable import ModelComparison

/// Which head goes with which.
final class AssignmentTests: XCTestCase {
    /// Against every order of up to six things.
    func testBestOfAllOrders() {
        var state: UInt64 = 1
        func random() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24)
        }
        func orders(_ left: [Int]) -> [[Int]] {
            left.isEmpty ? [[]] : left.flatMap { first in orders(left.filter { $0 != first }).map { [first] + $0 } }
        }
        for n in 1...6 {
            for _ in 0..<5 {
                let scores = (0..<n).map { _ in (0..<n).map { _ in random() } }
                func sum(_ order: [Int]) -> Double { order.indices.reduce(0) { $0 + scores[$1][order[$1]] } }
                let best = Assignment.best(scores)
                XCTAssertEqual(Set(best).count, n, "each once: \(best)")
                let largest = orders(Array(0..<n)).map(sum).max() ?? 0
                XCTAssertEqual(sum(best), largest, accuracy: 1e-12, "\(n) things: \(scores)")
            }
        }
        XCTAssertEqual(Assignment.best([]), [])
    }
}
