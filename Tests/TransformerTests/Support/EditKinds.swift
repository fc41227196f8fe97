import TensorCore
import Transformer

/// Lists of edits that differ in how they depend on positions, for tests that cut texts into passes.
struct EditKinds {
    let name: String
    let edits: [Edit]

    /// For a model of at least three layers.
    static func all(_ c: ModelConfiguration) -> [EditKinds] {
        let n = c.headSize
        let v = gaussians(n, seed: 11)
        let u = unitVector(n, seed: 12)
        let wide = gaussians(c.width, seed: 13)
        let wideUnit = unitVector(c.width, seed: 14)
        func gate(_ threshold: Float, _ mode: Gate.Mode, above: Bool = true, at positions: PositionRule = .all) -> Gate
        {
            Gate(
                .z(0), head: 1, direction: u, threshold: threshold, opensAbove: above, mode: mode, positions: positions)
        }
        func z(
            _ change: Change, _ positions: PositionRule = .last, _ schedule: Schedule = .constant, _ gate: Gate? = nil
        )
            -> Edit
        { Edit(.z(1), head: 2, positions: positions, schedule: schedule, gate: gate, change) }
        let zero = Change.zero
        return [
            EditKinds(name: "add at last", edits: [z(.add(v))]),
            EditKinds(name: "rotate and scale at last", edits: [z(.rotate(u, degrees: 70)), z(.scale(-2))]),
            EditKinds(
                name: "rules by prompt and text",
                edits: [z(.scale(3), .generated), z(zero, .prompt), z(.add(v), .range(from: -3, to: 9))]),
            EditKinds(name: "by token", edits: [z(.scale(-3), .tokens([31, 67, 8]))]),
            EditKinds(
                name: "layers' sites",
                edits: [
                    Edit(.residualPost(0), positions: .last, .add(wide)),
                    Edit(.residualMid(1), positions: .all, keepsNorm: true, .projectOut(wideUnit)),
                    Edit(.mlpOut(1), positions: .generated, .reflect(wideUnit)),
                ]),
            EditKinds(name: "decay", edits: [z(.add(v), .last, .decay(rate: 0.7))]),
            EditKinds(name: "first", edits: [z(.scale(-2), .all, .first(3)), z(.add(v), .last, .first(1))]),
            EditKinds(name: "gated by token", edits: [z(.scale(-3), .all, .constant, gate(0, .token))]),
            EditKinds(
                name: "latched, and decaying", edits: [z(.add(v), .last, .decay(rate: 0.9), gate(0.5, .latched))]),
            EditKinds(
                name: "latched below in the text",
                edits: [z(.scale(-3), .all, .constant, gate(0, .latched, above: false, at: .generated))]),
            EditKinds(
                name: "latched by the prompt",
                edits: [z(.add(v), .generated, .constant, gate(0, .latched, at: .prompt))]),
        ]
    }
}

extension LanguageModel {
    /// The logits at all positions of one sequence whose tokens go through the model in passes of given lengths, as bits.
    func bits(
        _ tokens: [Int], promptCount: Int, edits: [Edit] = [], cut: [Int]? = nil, workers: WorkerPool
    ) throws -> [[UInt32]] {
        let run = Run(self, workers: workers)
        run.sequences = [makeSequence(promptCount: promptCount)]
        return try (cut ?? [tokens.count]).reduce(into: []) { rows, count in
            let step = Step(tokens: Array(tokens[rows.count..<(rows.count + count)]), edits: edits, logits: .all)
            rows += try run.advance([step])[0].logits.bitRows
        }
    }
}

extension Matrix {
    /// Each row's bits.
    var bitRows: [[UInt32]] { (0..<rows).map { row($0).map(\.bitPattern) } }
}
