import DataSets
import XCTest

/// Data sets are divided by whole groups, and cut with as many rows of either class.
final class DataSetSplitTests: XCTestCase {
    private func rows(_ set: DataSet) throws -> [LabelledExample] {
        guard case .labelled(let rows) = set else {
            XCTFail("a part of labelled rows isn't one")
            return []
        }
        return rows
    }

    /// Of groups of 1 to 6 rows half the groups go to either part, whatever their rows; the parts differ from seed to seed.
    func testHalfOfTheGroupsWhateverTheirSize() throws {
        let all = (1...6).flatMap { group in
            (0..<group).flatMap { row in
                [true, false].map {
                    LabelledExample(completion: "\(group).\(row) \($0)", label: $0, group: "\(group)")
                }
            }
        }
        var splits: Set<Set<String>> = []
        for seed in 0..<8 {
            let (first, second) = DataSet.labelled(all).split(seed: UInt64(seed))
            let parts = try [rows(first), rows(second)]
            let groups = parts.map { Set($0.map(\.group)) }
            XCTAssertEqual(groups.map(\.count), [3, 3], "seed \(seed)")
            XCTAssertTrue(groups[0].isDisjoint(with: groups[1]), "seed \(seed): \(groups)")
            for (part, own) in zip(parts, groups) {
                XCTAssertEqual(part, all.filter { own.contains($0.group) }, "seed \(seed): the rows in their order")
            }
            splits.insert(groups[0])
        }
        XCTAssertGreaterThan(splits.count, 1)
    }

    /// Groups of one class each are dealt out class by class.
    func testGroupsOfOneClassEach() throws {
        let all = (0..<10).map { LabelledExample(completion: "\($0)", label: $0 < 4, group: "\($0)") }
        for seed in 0..<8 {
            let (first, second) = DataSet.labelled(all).split(seed: UInt64(seed))
            for part in try [rows(first), rows(second)] {
                XCTAssertEqual(part.map(\.label), [true, true, false, false, false], "seed \(seed)")
            }
        }
        let (first, second) = DataSet.labelled(all).split(share: 0.25)
        XCTAssertEqual(try rows(first).map(\.label), [true, false, false], "of 4 and 6 groups 1 and, rounded, 2")
        XCTAssertEqual(try rows(second).count, 7)
    }

    func testAsManyRowsOfEitherClass() throws {
        let labels = [false, false, true, false, true, true]
        let all = labels.enumerated().map { LabelledExample(completion: "\($0)", label: $1, group: "") }
        let cases: [(Int, [String])] = [
            (0, []), (1, ["2"]), (2, ["0", "2"]), (3, ["0", "2", "4"]), (4, ["0", "1", "2", "4"]),
            (5, ["0", "1", "2", "4", "5"]), (20, ["0", "1", "2", "3", "4", "5"]),
        ]
        for (count, wanted) in cases {
            XCTAssertEqual(try rows(DataSet.labelled(all).prefix(count)).map(\.completion), wanted, "\(count) rows")
        }
    }
}
