import DataFiles
import XCTest

@testable import Statistics

final class RelabellingsTests: XCTestCase {
    func testEnumerationKeepsWhatItShould() {
        // Two groups with both labels (3 and 2 ways) and three groups of one class, of two rows each (3 ways).
        let rows = GroupedLabels(
            labels: [true, false, false, true, false, true, true, false, false, false, false],
            groups: [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
        let all = Relabellings(rows).all()
        XCTAssertEqual(Relabellings(rows).count, 18)
        XCTAssertEqual(Set(all).count, 18)
        XCTAssertEqual(all.count, 18)
        XCTAssertTrue(all.contains(rows.labels))
        for labels in all {
            XCTAssertEqual(labels[0..<3].count { $0 }, 1)
            XCTAssertEqual(labels[3..<5].count { $0 }, 1)
            XCTAssertEqual(stride(from: 5, to: 11, by: 2).map { labels[$0] == labels[$0 + 1] }, [true, true, true])
            XCTAssertEqual(labels[5...].count { $0 }, 2)
        }
        var generator = SeededGenerator(seed: 11)
        var counts: [[Bool]: Int] = [:]
        for _ in 0..<3600 { counts[Relabellings(rows).draw(&generator), default: 0] += 1 }
        XCTAssertEqual(Set(counts.keys), Set(all))
        // χ² with 17 degrees of freedom below its 99.99% point.
        XCTAssertLessThan(counts.values.reduce(0.0) { $0 + pow(Double($1) - 200, 2) / 200 }, 47.6)
    }

    func testCounts() {
        XCTAssertEqual(Relabellings(GroupedLabels(labels: (0..<18).map { $0 < 9 })).count, 48_620)
        let questions = GroupedLabels(labels: (0..<18).map { $0 % 2 == 0 }, groups: (0..<18).map { $0 / 6 })
        XCTAssertEqual(Relabellings(questions).count, 8000)
        XCTAssertNil(Relabellings(GroupedLabels(labels: (0..<200).map { $0 % 2 == 0 })).count)
        XCTAssertEqual(binomial(10, 0), 1)
        XCTAssertEqual(binomial(61, 30), 232_714_176_627_630_544)
        XCTAssertNil(binomial(70, 35))
        XCTAssertEqual(subsets(of: 4, size: 2), [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])
        XCTAssertEqual(subsets(of: 3, size: 0), [[]])
        XCTAssertEqual(subsets(of: 2, size: 2), [[0, 1]])
    }
}
