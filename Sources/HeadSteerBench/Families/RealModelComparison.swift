import Checkpoints
import Foundation
import HeadSteer

/// The differences between a real model and transformers in float32 on the same dequantised weights.
///
/// See `Fixtures/reference/real_models.py`.
struct RealModelComparison {
    /// The largest differences.
    struct Result: Encodable {
        /// The absolute difference of the stored logits: the 20 largest of a position, and those of 64 ids.
        var logits = 0.0
        /// The difference of z of all heads, divided by the largest magnitude.
        var z = 0.0
        /// The absolute difference of logits under plans.
        var plans = 0.0
        /// The number of greedy ids that are the same, and the number of all.
        var sameIds = 0
        var ids = 0
        /// The largest lead, in logits, of an id at which a text parts from the reference; nil if none does.
        var leadWhereTextsPart: Double?
        var prompts = 0
        var longestPrompt = 0
    }

    private struct Facts: Decodable {
        struct Prompt: Decodable {
            var ids: [Int]
            var positions: [Int]
            var topIds: [[Int]]
            var greedyIds: [Int]?
            var greedyMargins: [Double]?
        }
        struct Plans: Decodable {
            var prompt: Int
            var positions: [Int]
            var cases: [Case]
        }
        struct Case: Decodable {
            var name: String
            var edits: [ReferenceEdit]
            var topIds: [[Int]]
            var ids: [Int]
            var margins: [Double]
        }
        var prompts: [Prompt]
        var fixedIds: [Int]
        var plans: Plans
    }

    let model: LanguageModel
    let workers: WorkerPool
    private let facts: Facts
    private let tensors: SafetensorsFile

    /// - Parameters:
    ///   - name: `qwen2.5-coder-0.5b-instruct`.
    ///   - folder: `Fixtures/reference`.
    init(_ name: String, model: LanguageModel, in folder: URL, workers: WorkerPool) throws {
        self.model = model
        self.workers = workers
        facts = try JSONDecoder().decode(
            Facts.self, from: Data(contentsOf: folder.appending(path: "\(name).json")))
        tensors = try SafetensorsFile(contentsOf: folder.appending(path: "\(name).safetensors"))
    }

    func result() throws -> Result {
        var result = Result()
        for (index, prompt) in facts.prompts.enumerated() {
            let step = Step(
                tokens: prompt.ids, reads: (0..<model.configuration.layers).map { Read(.z($0)) }, logits: .all)
            let found = try run(prompt.ids.count).advance([step])[0]
            result.logits = max(
                result.logits, try difference(found.logits, prompt.positions, prompt.topIds, "\(index)"))
            if tensors["\(index).z"] != nil {
                var largest = LargestDifference()
                largest.add(found.reads.flatMap { $0.values.elements }, try tensors.floats("\(index).z"), "z")
                result.z = max(result.z, largest.value)
            }
            if let expected = prompt.greedyIds {
                try compareText(prompt.ids, [], expected, prompt.greedyMargins ?? [], &result)
            }
            result.prompts += 1
            result.longestPrompt = max(result.longestPrompt, prompt.ids.count)
        }
        let prompt = facts.prompts[facts.plans.prompt].ids
        for plan in facts.plans.cases {
            let edits = try plan.edits.map { try $0.edit(tensors) }
            let found = try run(prompt.count).advance([Step(tokens: prompt, edits: edits, logits: .all)])[0]
            result.plans = max(
                result.plans, try difference(found.logits, facts.plans.positions, plan.topIds, plan.name))
            try compareText(prompt, edits, plan.ids, plan.margins, &result)
        }
        return result
    }

    /// The largest difference of the stored logits of some positions.
    private func difference(
        _ logits: Matrix, _ positions: [Int], _ topIds: [[Int]], _ name: String
    ) throws -> Double {
        let top = try tensors.floats("\(name).top")
        let fixed = try tensors.floats("\(name).fixed")
        var largest = 0.0
        for (row, position) in positions.enumerated() {
            for (ids, expected) in [(topIds[row], top), (facts.fixedIds, fixed)] {
                for (column, id) in ids.enumerated() {
                    let difference = abs(Double(logits[position, id]) - Double(expected[row * ids.count + column]))
                    largest = difference.isNaN ? .infinity : max(largest, difference)
                }
            }
        }
        return largest
    }

    private func compareText(
        _ prompt: [Int], _ edits: [Edit], _ expected: [Int], _ leads: [Double], _ result: inout Result
    ) throws {
        let run = run(prompt.count)
        var tokens = prompt
        result.ids += expected.count
        for (index, id) in expected.enumerated() {
            let row = Array(try run.advance([Step(tokens: tokens, edits: edits)])[0].logits.row(0))
            let best = row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
            guard best == id else {
                result.leadWhereTextsPart = max(result.leadWhereTextsPart ?? 0, leads[index])
                return
            }
            result.sameIds += 1
            tokens = [best]
        }
    }

    private func run(_ count: Int) -> Run {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: count)]
        return run
    }
}
