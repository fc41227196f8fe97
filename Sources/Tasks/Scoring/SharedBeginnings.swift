import TensorCore
import Transformer

/// Takes token sequences through a model, what several of them begin with once: both versions of a question up to their
/// options, and the answers ` (A)` and ` (B)` up to the letter.
struct SharedBeginnings {
    /// Sequences that go on from one state.
    struct Start {
        var state: SequenceState
        /// Which of the sequences.
        var members: [Int]
    }

    /// Where a sequence ended.
    struct End {
        var state: SequenceState
        /// The logits at each of its tokens, [token][V]; empty if none were asked for.
        var logits: [[Float]] = []
        /// The residual stream before each of ``keptBlocks``, [tokens · M].
        var residual: [[Float]] = []
    }

    private struct Branch {
        var end: End
        /// In the order of their tokens, so that those with a common beginning are neighbours.
        var members: ArraySlice<Int>
        /// How many of the members' tokens have gone through the model.
        var done: Int
    }

    /// The run whose sequences are used; it is left without any.
    var run: Run
    var edits: [Edit]
    var wantsLogits: Bool
    /// The block that passes begin at, and the residual stream before it of some tokens of a sequence; nil for their embeddings.
    var start: (block: Int, residual: (_ member: Int, _ range: Range<Int>) -> Matrix)?
    /// The blocks before which the residual stream is kept.
    var keptBlocks: [Int] = []

    /// Takes each start's sequences through the model.
    ///
    /// - Parameter tokens: of each sequence, those that follow its start's state; may be empty.
    /// - Returns: the end of each sequence that is a member of a start.
    /// - Complexity: one row of the model for each different beginning of a start's sequences.
    func advance(_ starts: [Start], tokens: [[Int]]) throws -> [Int: End] {
        defer { run.sequences = [] }
        var ends: [Int: End] = [:]
        var open = starts.filter { !$0.members.isEmpty }.map { start in
            let members = start.members.sorted { tokens[$0].lexicographicallyPrecedes(tokens[$1]) }
            return Branch(
                end: End(state: start.state, residual: keptBlocks.map { _ in [] }), members: members[...], done: 0)
        }
        while !open.isEmpty {
            // The members are in order: what the first and the last have in common, all have.
            let shared = open.map { branch -> Int in
                guard let first = branch.members.first, let last = branch.members.last else { return 0 }
                return zip(tokens[first], tokens[last]).prefix { $0 == $1 }.count
            }
            try advance(&open, to: shared, tokens: tokens)
            var next: [Branch] = []
            for (branch, shared) in zip(open, shared) {
                var rest = branch.members
                while let member = rest.first, tokens[member].count == shared {
                    ends[member] = branch.end
                    rest = rest.dropFirst()
                }
                while let member = rest.first {
                    let same = rest.prefix { tokens[$0][shared] == tokens[member][shared] }
                    next.append(Branch(end: branch.end, members: same, done: shared))
                    rest = rest.dropFirst(same.count)
                }
            }
            open = next
        }
        return ends
    }

    private func advance(_ open: inout [Branch], to shared: [Int], tokens: [[Int]]) throws {
        let moving = open.indices.filter { shared[$0] > open[$0].done }
        guard !moving.isEmpty else { return }
        run.sequences = moving.map { open[$0].end.state }
        let parts = moving.map { index in
            (member: open[index].members[open[index].members.startIndex], range: open[index].done..<shared[index])
        }
        let reads = keptBlocks.map { Read(.residualPre($0), at: .all) }
        let steps = parts.enumerated().map { sequence, part in
            Step(
                sequence: sequence, tokens: Array(tokens[part.member][part.range]), edits: edits, reads: reads,
                logits: wantsLogits ? .last : nil)
        }
        let results =
            if let start {
                try run.advance(
                    steps,
                    from: ResidualStart(
                        layer: start.block, residual: parts.map { start.residual($0.member, $0.range) }))
            } else {
                try run.advance(steps)
            }
        for (sequence, index) in moving.enumerated() {
            open[index].end.state = run.sequences[sequence]
            let logits = results[sequence].logits
            open[index].end.logits += (0..<logits.rows).map { Array(logits.row($0)) }
            for (block, read) in results[sequence].reads.enumerated() {
                open[index].end.residual[block] += read.values.elements
            }
        }
        run.sequences = []
    }
}
