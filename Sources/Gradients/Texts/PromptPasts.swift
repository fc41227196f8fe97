import TensorCore
import Transformer

/// Prompts without their last tokens, each taken through the model once for all texts and steps that begin with it; what it begins with like
/// the prompt before, such as a question whose options are exchanged, isn't computed again. They are kept as far as there is room; where
/// there is none, they are computed anew, with the same bits. Use it from one thread at a time.
package final class PromptPasts {
    private let run: GradientRun
    private let positions: PositionRule
    private var room: Int
    private var known: [[Int]: GradientPast] = [:]
    private var last: GradientPast?

    /// - Parameters:
    ///   - positions: where heads are edited.
    ///   - bytes: the most that those which are kept may take; as much as a `TeacherForcedScorer` keeps if nothing is said.
    package init(_ run: GradientRun, positions: PositionRule, bytes: Int = 1 << 30) {
        self.run = run
        self.positions = positions
        room = bytes
    }

    /// What comes before a prompt's last token; nil where edits concern that, or there is nothing. Steps then go through no more than
    /// the ends of prompts.
    ///
    /// - Throws: `CancellationError`.
    package func past(of prompt: [Int]) throws -> GradientPast? {
        if let past = known[prompt] { return past }
        let beginning = Array(prompt.dropLast())
        guard !beginning.isEmpty, !positions.concernsAny(of: beginning, promptCount: prompt.count) else { return nil }
        let past = try run.past(of: beginning, promptCount: prompt.count, after: last)
        last = past
        if bytes(of: prompt) <= room {
            room -= bytes(of: prompt)
            known[prompt] = past
        }
        return past
    }

    /// The same, where it is kept or there is room to keep it; nil otherwise.
    ///
    /// - Throws: `CancellationError`.
    package func kept(of prompt: [Int]) throws -> GradientPast? {
        known[prompt] == nil && bytes(of: prompt) > room ? nil : try past(of: prompt)
    }

    private func bytes(of prompt: [Int]) -> Int {
        let c = run.model.configuration
        return 16 * c.layers * c.kvHeads * c.headSize * (prompt.count - 1)
    }
}
