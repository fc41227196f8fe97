import DataFiles
import TensorCore

/// A sequence of tokens and what the model remembers of it: a value.
///
/// A copy is a fork; both go on independently, and share the memory of their common past.
public struct SequenceState: Sendable {
    /// The tokens that have gone through the model.
    public internal(set) var tokens: [Int] = []
    /// P: the number of tokens in the prompt, including those still to come. See ``PositionRule``.
    public private(set) var promptCount: Int
    package internal(set) var cache: KeyValueCache
    /// Whether the last pass stopped before the last block, so that the sequence can't go on.
    var isPartial = false
    /// The number of first blocks that have left no keys and values, so that the sequence can go on only after these
    /// blocks.
    var missingBlocks = 0
    /// The latched gates that have opened.
    var openGates: Set<Gate> = []
    /// The edits that the past was computed under.
    var pastEdits = PastEdits()

    init(_ configuration: ModelConfiguration, precision: Precision, promptCount: Int) {
        self.promptCount = promptCount
        self.cache = KeyValueCache(configuration, precision: precision)
    }

    /// The number of positions that have gone through the model.
    public var count: Int { tokens.count }

    /// The first positions only, for other tokens to follow.
    ///
    /// - Precondition: no more positions than there are; the past has gone through all blocks and opened no gate.
    package func prefix(_ count: Int) -> SequenceState {
        precondition(
            count <= self.count && !isPartial && missingBlocks == 0 && openGates.isEmpty,
            "A past is cut where all of it is remembered.")
        var prefix = self
        prefix.tokens.removeLast(self.count - count)
        prefix.cache.shorten(to: count)
        return prefix
    }

    /// The same past with another P, for a past that doesn't depend on P.
    ///
    /// It was computed without edits, and a text with that prompt length has the same rotary frequencies.
    ///
    /// - Precondition: `count` is at least 1 and no less than the number of positions, and the past was computed
    ///   without edits and opened no gate.
    package func withPrompt(of count: Int) -> SequenceState {
        precondition(
            count >= max(self.count, 1) && isComputed(under: []) && openGates.isEmpty,
            "P can be changed where nothing hangs on it.")
        var state = self
        state.promptCount = count
        return state
    }

    /// Whether the past is the same as if it were computed under some edits from its first token on, so that it can be
    /// the prefix of a sequence with these edits.
    ///
    /// O(edits); for position rules by token O(count).
    public func isComputed(under edits: [Edit]) -> Bool {
        pastEdits.agrees(with: edits, tokens: tokens, promptCount: promptCount)
    }
}

extension LanguageModel {
    /// An empty sequence.
    ///
    /// - Parameter promptCount: P, the number of tokens in its prompt, at least 1.
    /// - Precondition: `promptCount` is at least 1.
    public func makeSequence(promptCount: Int) -> SequenceState {
        precondition(promptCount >= 1, "A sequence needs a prompt of at least one token.")
        return SequenceState(configuration, precision: precision, promptCount: promptCount)
    }

    /// The most tokens that a text with a prompt of this length can have, including the prompt.
    ///
    /// It is the context, or less if the rotary frequencies of short texts end before it (LongRoPE).
    public func longestText(promptCount: Int) -> Int {
        guard let limit = configuration.lengthOfShortTexts, promptCount <= limit else { return configuration.context }
        return min(limit, configuration.context)
    }

    /// About how many bytes the keys and values of a sequence with this many positions take.
    ///
    /// It shows how many sequences fit into memory together. Sequences that were forked from one share the memory of
    /// their common beginning, up to a multiple of 128 positions, so together they take less.
    public func cacheBytes(positions: Int) -> Int {
        KeyValueLayout(configuration, precision: precision).bytes(KeyValueLayout.padded(positions))
    }

    /// About how many bytes the keys and values of a fork take that it doesn't share with the sequence it was forked
    /// from.
    ///
    /// - Parameters:
    ///   - past: the number of positions that they have in common.
    ///   - count: the number of positions that the fork adds.
    package func forkBytes(after past: Int, adding count: Int) -> Int {
        cacheBytes(positions: past % KeyValueLayout.pagePositions + count)
    }

    /// Checks that the keys and values of sequences fit into memory, before any of it is taken.
    ///
    /// - Parameters:
    ///   - positions: each sequence's length.
    ///   - available: the number of available bytes; nil if it is not known.
    /// - Throws: `InputError` of the kind `.tooLong`.
    package func checkMemory(positions: [Int], available: Int?) throws {
        let bytes = positions.reduce(0) { $0 + cacheBytes(positions: $1) }
        guard let available, bytes > available else { return }
        throw InputError(
            .tooLong,
            "keys and values of \(positions.reduce(0, +)) tokens, \(bytes >> 20) MiB where \(available >> 20) MiB can be had",
            in: checkpoint.path, remedy: "generate fewer tokens or fewer texts at once, or shorten the prompts")
    }
}
