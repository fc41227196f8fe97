import DataFiles
import XCTest

@testable import Statistics

/// Properties of splits over hundreds of random group structures.
final class GroupedFoldsTests: XCTestCase {
    private func randomRows(_ generator: inout SeededGenerator) -> GroupedLabels {
        let rows = 4 + generator.integer(below: 30)
        let groups = 2 + generator.integer(below: 12)
        let share = generator.uniform()
        return GroupedLabels(
            labels: (0..<rows).map { _ in generator.uniform() < share },
            groups: (0..<rows).map { _ in generator.integer(below: groups) })
    }

    private func groupsHolding(_ label: Bool, _ rows: GroupedLabels) -> Int {
        Set(rows.groups.groupOfRow.indices.filter { rows.labels[$0] == label }.map { rows.groups.groupOfRow[$0] }).count
    }

    func testSplits() throws {
        var generator = SeededGenerator(seed: 8)
        var (splits, refusals) = (0, 0)
        for round in 0..<600 {
            let rows = randomRows(&generator)
            let wanted = 2 + generator.integer(below: 6)
            let rarer = min(groupsHolding(true, rows), groupsHolding(false, rows))
            guard rarer >= 2 else {
                XCTAssertThrowsError(try GroupedFolds(rows, wanted: wanted), "round \(round)") {
                    XCTAssertEqual(($0 as? InputError)?.kind.general, .badData)
                }
                refusals += 1
                continue
            }
            splits += 1
            let folds = try GroupedFolds(rows, wanted: wanted, seed: UInt64(round))
            XCTAssertEqual(folds.count, min(wanted, rarer), "round \(round)")
            XCTAssertEqual(folds, try GroupedFolds(rows, wanted: wanted, seed: UInt64(round)))
            var sizes: [GroupedLabels.Composition: [Int]] = [:]
            for fold in 0..<folds.count {
                let (test, training) = (folds.testRows(ofFold: fold), folds.trainingRows(ofFold: fold))
                XCTAssertEqual((test + training).sorted(), Array(rows.labels.indices), "round \(round)")
                let testGroups = Set(test.map { rows.groups.groupOfRow[$0] })
                XCTAssertTrue(
                    testGroups.isDisjoint(with: training.map { rows.groups.groupOfRow[$0] }), "round \(round)")
                XCTAssertEqual(Set(test.map { rows.labels[$0] }).count, 2, "round \(round)")
                XCTAssertEqual(Set(training.map { rows.labels[$0] }).count, 2, "round \(round)")
                for composition in GroupedLabels.Composition.allCases {
                    let number = testGroups.count { rows.composition(ofGroup: $0) == composition }
                    sizes[composition, default: []].append(number)
                }
            }
            for (composition, numbers) in sizes {
                let spread = (numbers.max() ?? 0) - (numbers.min() ?? 0)
                XCTAssertLessThanOrEqual(spread, 1, "round \(round): \(composition) \(numbers)")
            }
        }
        XCTAssertGreaterThan(splits, 300)
        XCTAssertGreaterThan(refusals, 20)
    }

    func testSeedsGiveOtherSplits() throws {
        let rows = GroupedLabels(labels: (0..<40).map { $0 % 2 == 0 })
        let splits = try (0..<5).map { try GroupedFolds(rows, seed: UInt64($0)).foldOfRow }
        XCTAssertEqual(Set(splits).count, 5)
    }

    func testErrorsSayWhatIsMissing() {
        let rows = GroupedLabels(labels: [true, true, false, false], groups: ["a", "a", "b", "c"])
        XCTAssertThrowsError(try GroupedFolds(rows)) {
            XCTAssertTrue("\($0)".contains("the label true occurs in one group alone"), "\($0)")
        }
        XCTAssertThrowsError(try GroupedFolds(GroupedLabels(labels: [true, false, true, false]), wanted: 1)) {
            XCTAssertEqual(($0 as? InputError)?.kind.general, .usage)
        }
    }
}
