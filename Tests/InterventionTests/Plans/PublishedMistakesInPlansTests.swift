import DataFiles
import Directions
import Foundation
import Intervention
import Statistics
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Mistakes of published code that a plan could make: in σ, in the direction's length, in counting layers, in what a past
/// was computed under.
final class PublishedMistakesInPlansTests: XCTestCase {
    private let workers = WorkerPool(count: 1)

    private func model() throws -> LanguageModel {
        try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped"))
    }

    private func added(_ edit: PlannedEdit, _ file: DirectionFile) throws -> [Float] {
        let change = try LoadedPlan(InterventionPlan(edits: [edit]), directions: file).edits(headSize: 2, width: 4)[0]
            .change
        guard case .add(let vector) = change else { throw InputError.usage("no addition", remedy: "") }
        return vector
    }

    /// HSI and ITI take NumPy's σ, divided by n; PyTorch's, divided by n − 1, is another on few examples (AISteer360 and
    /// honest_llama's later path).
    func testSigmaIsDividedByTheNumberOfExamples() throws {
        // Both classes of three, by hand: θ = (2, 0), projections 0, 1, 2 and 2, 3, 4.
        let activations = try HeadActivations(
            Head(layer: 0, index: 0), values: [2, 0, 3, 1, 4, -1, 0, 0, 1, 1, 2, -1], features: 2)
        let direction = try HeadDirection(
            fitting: .massMean, to: activations,
            rows: GroupedLabels(labels: [true, true, true, false, false, false]))
        XCTAssertEqual(direction.vector, [2, 0])
        XCTAssertEqual(direction.unit, [1, 0])
        XCTAssertEqual(direction.sigma, (10.0 / 6).squareRoot(), accuracy: 1e-6, "divided by n")
        XCTAssertNotEqual(direction.sigma, (10.0 / 5).squareRoot(), accuracy: 0.1, "divided by n − 1")
        guard case .add(let vector) = direction.headEdit(sigmas: 3).change else { return XCTFail("no addition") }
        XCTAssertEqual(Double(vector[0]), 3 * (10.0 / 6).squareRoot(), accuracy: 1e-6)
        // And by way of a file.
        let file = DirectionFile([direction], residualNorms: [1])
        let edit = PlannedEdit(
            Head(layer: 0, index: 0), .add, direction: .named("0.0"), strength: 3, unit: .sigma, positions: .last)
        assertClose(try added(edit, file), vector, relative: 1e-6, "by way of a file")
    }

    /// α σ belongs to the unit vector; with the direction as fitted, its length is in it twice.
    func testSigmasAreAlongTheUnitVector() throws {
        var file = DirectionFile()
        file.add("d", .init(vector: [3, 4], sigma: 2))
        func edit(_ unit: StrengthUnit) -> PlannedEdit {
            PlannedEdit(
                Head(layer: 0, index: 0), .add, direction: .named("d"), strength: 5, unit: unit, positions: .last)
        }
        XCTAssertEqual(try added(edit(.sigma), file), [6, 8], "5 σ along θ / ‖θ‖: 10 long")
        XCTAssertEqual(try added(edit(.raw), file), [15, 20], "the vector as it is, five times")
        XCTAssertNotEqual(try added(edit(.sigma), file), [30, 40], "the mistake: 5 σ θ")
    }

    /// HSI's plots name heads from 1. The last layer's number is then refused, and no other is mistaken for it.
    func testLayersCountFromZero() throws {
        let model = try model()
        let tokens = [1, 31, 90, 67]
        func plan(_ layer: Int) -> InterventionPlan {
            InterventionPlan(edits: [PlannedEdit(Head(layer: layer, index: 4), .zero, positions: .all)])
        }
        for layer in 0..<3 {
            let edits = try LoadedPlan(plan(layer)).edits(model.configuration)
            XCTAssertEqual(edits[0].site, .z(layer))
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: tokens.count)]
            let reads = (0..<3).map { Read(.z($0), at: .all) }
            let result = try run.advance([Step(tokens: tokens, edits: edits, reads: reads)])[0]
            for other in 0..<3 {
                let values = result.reads[other].values
                let isZero = (0..<values.rows).allSatisfy {
                    values.row($0)[(values.row($0).startIndex + 32)...].prefix(8).allSatisfy { $0 == 0 }
                }
                XCTAssertEqual(isZero, other == layer, "layer \(other), edited \(layer)")
            }
        }
        XCTAssertThrowsError(try LoadedPlan(plan(3)).check(model, workers: workers)) {
            XCTAssertTrue("\($0)".contains("0 to 2"), "\($0)")
        }
    }

    /// A plan that is read again is the same plan for a cached prefix; another strength or another direction is not
    /// (ds4 issue 190, EasySteer: a cache has to know what it was computed under).
    func testACachedPrefixKnowsItsPlan() throws {
        let model = try model()
        let reference = try OperationReference("grouped")
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "plan.json")
        try reference.directions.write(to: folder.appending(path: "grouped.safetensors"))
        func edits(_ plan: InterventionPlan) throws -> [Edit] {
            try plan.write(to: url)
            return try LoadedPlan(contentsOf: url, model: model, workers: workers).edits(model.configuration)
        }
        let strong = ["add", "clamp", "rotate", "reflect", "gate-token", "caa", "order"]
        for row in reference.cases where strong.contains(where: row.name.hasPrefix) {
            let first = try reference.edits(row.plan, model)
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: 4)]
            try run.advance([Step(tokens: reference.prompt, edits: first)])
            let state = run.sequences[0]
            XCTAssertTrue(state.isComputed(under: try edits(row.plan)), "\(row.name), read again")
            guard row.plan.edits.contains(where: { $0.strength != nil }) else { continue }
            var other = row.plan
            for index in other.edits.indices {
                other.edits[index].strength = other.edits[index].strength.map { 1.01 * $0 }
            }
            let another = try reference.edits(other, model)
            XCTAssertFalse(state.isComputed(under: another), "\(row.name), another strength")
        }
    }
}
