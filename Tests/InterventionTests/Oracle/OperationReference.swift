import Checkpoints
import DataFiles
import Directions
import Foundation
import Intervention
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// What transformers computes under plans that together use every operation, site, unit, schedule, gate and kind of
/// position: `Fixtures/interventions`.
struct OperationReference {
    struct Case {
        let name: String
        let plan: InterventionPlan
        /// Generated greedily under the plan.
        let ids: [Int]
        /// How far the best logit lies above the second, for each of them.
        let margins: [Double]
        /// The largest change of a logit that the plan makes to its own text.
        let largestChange: Double
        /// For each gated edit of the plan the positions at which its gate is open.
        let openPositions: [Int: [Int]]
    }

    let name: String
    let prompt: [Int]
    /// The position of the first row of logits that is stored.
    let firstRow: Int
    let uneditedIds: [Int]
    let cases: [Case]
    let directions: DirectionFile
    private let tensors: SafetensorsFile

    init(_ name: String) throws {
        self.name = name
        let file = FixtureLocation.fixtures.appending(path: "interventions/\(name).json")
        let facts = try JSONObject(contentsOf: file)
        prompt = try XCTUnwrap(facts.integers("prompt"))
        firstRow = try XCTUnwrap(facts.integer("firstRow"))
        uneditedIds = try XCTUnwrap(facts.integers("uneditedIds"))
        cases = try XCTUnwrap(facts.objects("cases")).map { row in
            let gates = try row.object("openPositions")
            return Case(
                name: try XCTUnwrap(row.string("name")), plan: try InterventionPlan(XCTUnwrap(row.object("plan"))),
                ids: try XCTUnwrap(row.integers("ids")), margins: try XCTUnwrap(row.doubles("margins")),
                largestChange: try XCTUnwrap(row.double("largestChange")),
                openPositions: try Dictionary(
                    uniqueKeysWithValues: (gates?.keys ?? []).map {
                        (try XCTUnwrap(Int($0)), try XCTUnwrap(gates?.integers($0)))
                    }))
        }
        let url = file.deletingPathExtension().appendingPathExtension("safetensors")
        tensors = try SafetensorsFile(contentsOf: url)
        directions = try DirectionFile(contentsOf: url)
    }

    /// The stored logits of a case, by position.
    func logits(_ name: String, every step: Int, vocabulary: Int) throws -> [Int: ArraySlice<Float>] {
        let columns = (vocabulary + step - 1) / step
        let values = try tensors.floats("\(name).logits")
        XCTAssertEqual(values.count % columns, 0, "\(self.name), \(name)")
        return Dictionary(
            uniqueKeysWithValues: (0..<(values.count / columns)).map {
                (firstRow + $0, values[($0 * columns)..<(($0 + 1) * columns)])
            })
    }

    func edits(_ plan: InterventionPlan, _ model: LanguageModel) throws -> [Edit] {
        try LoadedPlan(plan, directions: directions, name: name).edits(model.configuration)
    }

    /// Runs every case three ways and compares all stored logits and the tokens: the whole text in one pass, the prompt and
    /// then a token a pass, and the latter of all cases in one batch, each sequence with its own plan.
    ///
    /// - Parameters:
    ///   - step: every how many logits are stored.
    ///   - tolerance: how far a logit may be off.
    /// - Returns: the largest difference of each case.
    func check(
        _ model: LanguageModel, every step: Int = 1, tolerance: Double, workers: WorkerPool
    ) throws -> [(name: String, difference: Double)] {
        let vocabulary = model.configuration.vocabulary
        let all = try cases.map { try edits($0.plan, model) }
        let batch = Run(model, workers: workers)
        batch.sequences = cases.map { _ in model.makeSequence(promptCount: prompt.count) }
        var differences = [Double](repeating: 0, count: cases.count)

        func compare(_ logits: ArraySlice<Float>, _ index: Int, position: Int, _ how: String) throws {
            let expected = try logitsOf(index)[position]
            guard let expected else { return }
            let actual = Swift.stride(from: 0, to: vocabulary, by: step).map { logits[logits.startIndex + $0] }
            differences[index] = max(differences[index], Difference(actual, expected).value)
            assertClose(
                actual, expected, absolute: tolerance, "\(name), \(cases[index].name), position \(position), \(how)")
        }
        var cache: [Int: [Int: ArraySlice<Float>]] = [:]
        func logitsOf(_ index: Int) throws -> [Int: ArraySlice<Float>] {
            if let known = cache[index] { return known }
            cache[index] = try logits(cases[index].name, every: step, vocabulary: vocabulary)
            return cache[index] ?? [:]
        }

        for (index, row) in cases.enumerated() {
            XCTAssertGreaterThan(row.largestChange, 10 * tolerance, "\(name), \(row.name): the edits change too little")
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: prompt.count)]
            let whole = try run.advance([
                Step(
                    tokens: prompt + row.ids.dropLast(), edits: all[index],
                    logits: .range(from: firstRow, to: Int.max))
            ])[0]
            for (place, position) in whole.logitPositions.enumerated() {
                try compare(whole.logits.row(place), index, position: position, "whole")
            }
        }
        for time in cases[0].ids.indices {
            let results = try batch.advance(
                cases.enumerated().map {
                    Step(
                        sequence: $0, tokens: time == 0 ? prompt : [$1.ids[time - 1]], edits: all[$0], logits: .last)
                })
            for (index, result) in results.enumerated() {
                let row = result.logits.row(0)
                try compare(row, index, position: prompt.count - 1 + time, "in decode, in a batch")
                guard cases[index].margins[time] > 4 * tolerance else { continue }
                let best = row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 } - row.startIndex
                XCTAssertEqual(best, cases[index].ids[time], "\(name), \(cases[index].name), token \(time)")
            }
        }
        return zip(cases, differences).map { ($0.name, $1) }
    }
}
