import Statistics
import XCTest

@testable import Probing

/// Control tasks give whole groups labels at random, about as many of either as the real ones have.
final class ControlTaskTests: XCTestCase {
    func testGroupsGetRandomLabels() {
        // 7 groups of 3 rows, 9 of the 21 rows true: 3 groups.
        let groups = (0..<21).map { $0 % 7 }
        let rows = GroupedLabels(labels: (0..<21).map { $0 < 9 }, groups: groups)
        let tasks = (0..<20).map { ControlTask(rows, number: $0, seed: 5).labels }
        var trues: Set<Set<Int>> = []
        for (number, labels) in tasks.enumerated() {
            let own = Set(groups.indices.filter { labels[$0] }.map { groups[$0] })
            XCTAssertEqual(own.count, 3, "task \(number)")
            XCTAssertEqual(labels, groups.map(own.contains), "task \(number): a group has one label")
            trues.insert(own)
        }
        XCTAssertGreaterThan(trues.count, 10, "20 tasks of 35 choices of groups")
        XCTAssertEqual(ControlTask(rows, number: 3, seed: 5).labels, tasks[3])
        XCTAssertNotEqual((0..<20).map { ControlTask(rows, number: $0, seed: 6).labels }, tasks)
    }
}
