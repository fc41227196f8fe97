import DataFiles
import TensorCore
import Transformer

/// The states of prompts without their last tokens, from which forks continue.
///
/// The unedited states are kept as far as there is room. If edits touch a prompt, or if there was no room, its state is
/// computed when it is needed.
struct PromptStates {
    private let model: LanguageModel
    private let prompts: [[Int]]
    /// The unedited states; nil if there was no room.
    private var kept: [SequenceState?]
    /// The unedited residual stream before some blocks, for each prompt without its last token.
    private var unedited: UneditedResidual

    /// Makes the states of some prompts; nothing is kept yet.
    ///
    /// - Parameter mostUnedited: the maximum number of bytes that the unedited residual stream may take.
    init(_ model: LanguageModel, _ prompts: [[Int]], mostUnedited: Int) {
        self.model = model
        self.prompts = prompts
        kept = prompts.map { _ in nil }
        unedited = UneditedResidual(
            lengths: prompts.map { $0.count - 1 }, model.configuration, most: mostUnedited)
    }

    /// Keeps the unedited states of the first prompts, as many as there is room for.
    mutating func keep(cacheBytes: Int, _ run: Run) throws {
        var room = cacheBytes
        let chosen = prompts.indices.prefix { prompt in
            room -= model.cacheBytes(positions: prompts[prompt].count)
            return room >= 0
        }
        for (prompt, state) in try computed(Array(chosen), edits: [], from: 0, keepsResidual: false, run) {
            kept[prompt] = state
        }
    }

    /// Keeps states that were computed elsewhere.
    mutating func begin(from states: [SequenceState?]) {
        kept = states
        unedited.forget()
    }

    /// The blocks at which passes under these edits can begin, because the residual stream before them is known for
    /// each prompt that the edits touch.
    func known(_ blocks: Set<Int>, of chosen: [Int], edits: [Edit]) -> Set<Int> {
        let touched = chosen.filter { isTouched($0, edits) }
        // The residual streams of prompts and of forks may be kept before different blocks.
        return touched.isEmpty
            ? blocks : blocks.intersection(unedited.known(of: touched, upTo: model.configuration.layers))
    }

    /// The states of some prompts, in the given order.
    ///
    /// - Parameters:
    ///   - block: the first block that will continue from them, one of ``known(_:of:edits:)``.
    ///   - keepsResidual: whether the unedited residual stream that is computed on the way is kept.
    mutating func states(
        of chosen: [Int], edits: [Edit], from block: Int, keepsResidual: Bool, _ run: Run
    ) throws -> [SequenceState] {
        let touched = chosen.filter { isTouched($0, edits) }
        let missing = chosen.filter { !isTouched($0, edits) && kept[$0] == nil }
        var fresh = try computed(touched, edits: edits, from: block, keepsResidual: keepsResidual, run)
        let from = unedited.known(of: missing, upTo: block).max() ?? 0
        try fresh.merge(computed(missing, edits: [], from: from, keepsResidual: keepsResidual, run)) { $1 }
        return chosen.compactMap { fresh[$0] ?? kept[$0] }
    }

    /// Whether a prompt's state is computed for each batch, and is in memory besides those that are kept.
    func mustCompute(_ prompt: Int, _ edits: [Edit]) -> Bool { kept[prompt] == nil || isTouched(prompt, edits) }

    private func isTouched(_ prompt: Int, _ edits: [Edit]) -> Bool {
        !TeacherForcedScorer.touchesOnlyLastAndLater(edits, prompt: prompts[prompt])
    }

    /// Computes the states of some prompts, which share the tokens that they begin with.
    ///
    /// With edits, only prompts of the same length share their beginnings, because edits may depend on P. If the edits
    /// leave alone at least the first half of a prompt, the prompt continues from its own unedited state instead.
    ///
    /// - Parameter block: the first block that is computed; the unedited residual stream before it is known.
    private mutating func computed(
        _ chosen: [Int], edits: [Edit], from block: Int, keepsResidual: Bool, _ run: Run
    ) throws -> [Int: SequenceState] {
        guard !chosen.isEmpty else { return [:] }
        var skipped: [Int: Int] = [:]
        var starts: [SharedBeginnings.Start] = []
        for prompt in chosen {
            guard let state = kept[prompt] else { continue }
            let count = TeacherForcedScorer.untouchedTokens(edits, prompt: prompts[prompt])
            guard 2 * count >= prompts[prompt].count - 1, count > 0 else { continue }
            let rest = Array(prompts[prompt][count..<prompts[prompt].count - 1])
            starts.append(SharedBeginnings.Start(state.prefix(count), [SharedBeginnings.Member(prompt, rest)]))
            skipped[prompt] = count
        }
        // Rotary frequencies may depend on the length too.
        let whole = Dictionary(grouping: chosen.filter { skipped[$0] == nil }) { prompt in
            edits.isEmpty ? model.longestText(promptCount: prompts[prompt].count) : prompts[prompt].count
        }
        starts += whole.sorted { $0.key < $1.key }.map { _, members in
            let count = members.map { prompts[$0].count }.max() ?? 1
            return SharedBeginnings.Start(
                model.makeSequence(promptCount: count),
                members.map { SharedBeginnings.Member($0, prompts[$0].dropLast()) })
        }
        let (unedited, last) = (unedited, edits.lastUneditedRead(of: model.configuration.layers))
        let blocks = keepsResidual ? unedited.wanted(of: chosen, from: block, upTo: last) : []
        let ends = try SharedBeginnings(
            run: run, edits: edits,
            start: block == 0
                ? nil
                : (
                    block,
                    { prompt, range in
                        let first = skipped[prompt] ?? 0
                        return unedited.rows(
                            of: prompt, range.lowerBound + first..<range.upperBound + first, before: block)
                    }
                ), keptBlocks: blocks
        ).advance(starts)
        for (prompt, end) in ends { self.unedited.keep(prompt, before: blocks, end.residual) }
        guard edits.isEmpty else { return ends.mapValues(\.state) }
        return Dictionary(uniqueKeysWithValues: ends.map { ($0, $1.state.withPrompt(of: prompts[$0].count)) })
    }
}
