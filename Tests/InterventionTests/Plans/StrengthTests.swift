import Directions
import Foundation
import Intervention
import Transformer
import XCTest
import _TestSupport

/// Strengths in four units, by hand: a direction of length 5, σ 2, ‖z‖ 10 and a residual stream of 100.
final class StrengthTests: XCTestCase {
    private let entry = DirectionFile.Entry(vector: [3, 4], sigma: 2, mean: [0, 0], headNorm: 10, residualNorm: 100)

    private func conversion(
        _ operation: EditOperation, _ strength: Double, _ unit: StrengthUnit, _ entry: DirectionFile.Entry? = nil
    ) throws -> StrengthConversion? {
        let edit = PlannedEdit(
            Head(layer: 0, index: 0), operation, direction: .named("d"), strength: strength, unit: unit,
            positions: .last)
        let configuration = try LanguageModel(
            contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped")
        ).configuration
        // The fixture's heads have 8 values.
        var file = DirectionFile()
        var wide = entry ?? self.entry
        wide.vector += [Float](repeating: 0, count: configuration.headSize - wide.vector.count)
        file.add("d", wide)
        return try LoadedPlan(InterventionPlan(edits: [edit]), directions: file).strengths(configuration)[0]
    }

    /// Length, raw, σ, head norm and residual norm, as they are told.
    private func assertTold(
        _ actual: StrengthConversion?, _ expected: [Double?], _ what: String, line: UInt = #line
    ) throws {
        let actual = try XCTUnwrap(actual, line: line)
        let told = [actual.length, actual.raw, actual.sigma, actual.headNorm, actual.residualNorm]
        for (index, (a, e)) in zip(told, expected).enumerated() {
            XCTAssertEqual(a == nil, e == nil, "\(what), number \(index)", line: line)
            if let a, let e { XCTAssertEqual(a, e, accuracy: 1e-12, "\(what), number \(index)", line: line) }
        }
    }

    func testAdditions() throws {
        // 1.5 times the direction is 7.5 long: 3.75 σ, 0.75 ‖z‖, 0.075 of the stream; and so from every unit.
        for (strength, unit) in [(1.5, StrengthUnit.raw), (3.75, .sigma), (0.75, .headNorm), (0.075, .residualNorm)] {
            try assertTold(conversion(.add, strength, unit), [7.5, 1.5, 3.75, 0.75, 0.075], "from \(unit)")
        }
        try assertTold(conversion(.add, -2, .sigma), [-4, -0.8, -2, -0.4, -0.04], "the other way")
        try assertTold(conversion(.add, 0, .headNorm), [0, 0, 0, 0, 0], "nothing")
    }

    /// A clamp's raw strength is a length, not a number of directions.
    func testClamps() throws {
        try assertTold(conversion(.clamp, 6, .raw), [6, 1.2, 3, 0.6, 0.06], "raw")
        try assertTold(conversion(.clamp, 3, .sigma), [6, 1.2, 3, 0.6, 0.06], "sigma")
    }

    func testWhatIsNotStoredIsNotTold() throws {
        let bare = DirectionFile.Entry(vector: [3, 4])
        try assertTold(conversion(.add, 2, .raw, bare), [10, 2, nil, nil, nil], "bare")
        XCTAssertThrowsError(try conversion(.add, 2, .sigma, bare)) {
            XCTAssertTrue("\($0)".contains("no sigma"), "\($0)")
        }
        let flat = DirectionFile.Entry(vector: [3, 4], sigma: 0, headNorm: 10)
        try assertTold(conversion(.add, 2, .raw, flat), [10, 2, nil, 1, nil], "in units of nothing")
        for operation in EditOperation.allCases where operation != .add && operation != .clamp {
            XCTAssertNil(try conversion(operation, 30, .raw), "\(operation) has no length")
        }
    }

    /// The length that is told is how far values move: ‖v‖ of what is added, and what the component is set to.
    func testLengthsAreThoseOfTheEdits() throws {
        for unit in StrengthUnit.allCases {
            for (operation, strength) in [(EditOperation.add, -1.25), (.clamp, 2.5)] {
                var file = DirectionFile()
                file.add("d", entry)
                let edit = PlannedEdit(
                    Head(layer: 0, index: 0), operation, direction: .named("d"), strength: strength, unit: unit,
                    positions: .last)
                let change = try LoadedPlan(InterventionPlan(edits: [edit]), directions: file).edits(
                    headSize: 2, width: 4)[0]
                    .change
                let length = try XCTUnwrap(conversion(operation, strength, unit)).length
                switch change {
                case .add(let v):
                    XCTAssertEqual((0.6 * Double(v[0]) + 0.8 * Double(v[1])), length, accuracy: 1e-5, "\(unit)")
                case .setComponent(_, let value): XCTAssertEqual(Double(value), length, accuracy: 1e-6, "\(unit)")
                default: XCTFail("\(change)")
                }
            }
        }
    }

    /// What `multiply` does has doses too: none of it, all of it, half, more, the opposite.
    func testDosesOfMultiplications() throws {
        let plan = LoadedPlan(
            InterventionPlan(edits: [
                PlannedEdit(Head(layer: 0, index: 0), .multiply, direction: .inline([1.5, -3]), positions: .last),
                PlannedEdit(
                    Head(layer: 0, index: 0), .add, direction: .inline([4, 2]), strength: 0.5, positions: .last),
            ]))
        func values(_ plan: LoadedPlan) throws -> [[Float]] {
            try plan.edits(headSize: 2, width: 4).map { edit in
                switch edit.change {
                case .multiply(let factors), .add(let factors): return factors
                default:
                    XCTFail("another change: \(edit.change)")
                    return []
                }
            }
        }
        XCTAssertEqual(try values(plan), [[1.5, -3], [2, 1]])
        for (factor, expected) in [
            (0.0, [[1, 1], [0, 0]]), (0.5, [[1.25, -1], [1, 0.5]]), (1, [[1.5, -3], [2, 1]]), (2, [[2, -7], [4, 2]]),
            (-1, [[0.5, 5], [-2, -1]]),
        ] as [(Double, [[Float]])] {
            XCTAssertEqual(try values(plan.scaled(by: factor)), expected, "× \(factor)")
        }
        XCTAssertTrue(try plan.scaled(by: 0).edits(headSize: 2, width: 4).allSatisfy(\.change.isIdentity))
        let zero = LoadedPlan(
            InterventionPlan(edits: [PlannedEdit(Head(layer: 0, index: 0), .zero, positions: .last)]))
        XCTAssertThrowsError(try zero.scaled(by: 0.5)) {
            XCTAssertTrue("\($0)".contains("zero, which has no dose"), "\($0)")
        }
    }
}
