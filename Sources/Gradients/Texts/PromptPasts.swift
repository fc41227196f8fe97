import TensorCore
import Transformer

/// Prompts without their last tokens, each taken through the model once for all texts and steps that begin with it; what it begins with like
/// the prompt before, such as a question whose options are exchanged, isn't computed again. Use it from one thread at a time.
package final class PromptPasts {
    private let run: GradientRun
    private let positions: PositionRule
    private var room: Int
    private var known: [[Int]: GradientPast] = [:]
    private var last: GradientPast?

    /// - Parameters:
    ///   - positions: where heads are edited.
    ///   - bytes: the most that they may take; as much as a `TeacherForcedScorer` keeps if nothing is said.
    package init(_ run: GradientRun, positions: PositionRule, bytes: Int = 1 << 30) {
        self.run = run
        self.positions = positions
        room = bytes
    }

    /// What comes before a prompt's last token; nil where edits concern that, there is nothing, or no room is left for it. Steps then go
    /// through no more than the ends of prompts.
    ///
    /// - Throws: `CancellationError`.
    package func past(of prompt: [Int]) throws -> GradientPast? {
        if let past = known[prompt] { return past }
        let beginning = Array(prompt.dropLast())
        let c = run.model.configuration
        let bytes = 16 * c.layers * c.kvHeads * c.headSize * beginning.count
        guard !beginning.isEmpty, bytes <= room,
            !positions.concernsAny(of: beginning, promptCount: prompt.count)
        else { return nil }
        room -= bytes
        let past = try run.past(of: beginning, promptCount: prompt.count, after: last)
        known[prompt] = past
        last = past
        return past
    }
}
