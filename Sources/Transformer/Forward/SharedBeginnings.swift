import TensorCore

/// Takes token sequences through a model, and computes a beginning that several of them share only once: a question
/// with each of its answers, both versions of a question up to their options, and the answers ` (A)` and ` (B)` up to
/// the letter.
package struct SharedBeginnings {
    /// One of the sequences.
    package struct Member {
        /// The number by which the caller knows the sequence.
        package var number: Int
        /// The tokens that follow the state of its start; may be empty.
        package var tokens: [Int]

        package init(_ number: Int, _ tokens: [Int]) {
            self.number = number
            self.tokens = tokens
        }
    }

    /// Sequences that continue from one state.
    package struct Start {
        package var state: SequenceState
        package var members: [Member]

        package init(_ state: SequenceState, _ members: [Member]) {
            self.state = state
            self.members = members
        }
    }

    /// The state at which a sequence ended.
    package struct End {
        package var state: SequenceState
        /// The logits at each of its tokens, [token][V]; empty if none were requested.
        package var logits: [[Float]] = []
        /// The residual stream before each of the kept blocks, [tokens · M].
        package var residual: [[Float]] = []
    }

    private struct Branch {
        var end: End
        /// The members in the order of their tokens, so that those with a common beginning are next to each other.
        var members: ArraySlice<Member>
        /// The number of each member's tokens that have gone through the model.
        var done = 0
        /// The number of tokens that all members begin with.
        var shared: Int {
            guard let first = members.first, let last = members.last else { return 0 }
            // The members are sorted, so all of them share what the first and the last have in common.
            return zip(first.tokens, last.tokens).prefix { $0 == $1 }.count
        }
    }

    /// The run whose sequences are used; it is left without any.
    private let run: Run
    private let edits: [Edit]
    private let wantsLogits: Bool
    private let start: (block: Int, residual: (_ member: Int, _ range: Range<Int>) -> Matrix)?
    private let keptBlocks: [Int]

    /// - Parameters:
    ///   - run: its sequences are used; it is left without any.
    ///   - start: the block at which passes begin, and the residual stream before it for some tokens of a member; nil
    ///     to begin at the embeddings.
    ///   - keptBlocks: the blocks before which the residual stream is kept.
    package init(
        run: Run, edits: [Edit] = [], wantsLogits: Bool = false,
        start: (block: Int, residual: (_ member: Int, _ range: Range<Int>) -> Matrix)? = nil, keptBlocks: [Int] = []
    ) {
        self.run = run
        self.edits = edits
        self.wantsLogits = wantsLogits
        self.start = start
        self.keptBlocks = keptBlocks
    }

    /// Takes each start's sequences through the model.
    ///
    /// - Returns: the end of each member, by its number.
    /// - Complexity: one row of the model for each distinct beginning of a start's sequences.
    package func advance(_ starts: [Start]) throws -> [Int: End] {
        try advance(starts, least: nil)
    }

    /// Takes only the beginnings that sequences of a start share through the model, and leaves the rest of each to the
    /// caller.
    ///
    /// - Parameter least: the fewest tokens that are worth a pass of their own; fewer are left to the caller too.
    /// - Returns: the state of each member, by its number; the state's count shows how far the member has come.
    package func advanceShared(_ starts: [Start], least: Int) throws -> [Int: SequenceState] {
        try advance(starts, least: least).mapValues(\.state)
    }

    /// - Parameter least: the fewest tokens that are computed together for several sequences; nil to take each sequence
    ///   to its end.
    private func advance(_ starts: [Start], least: Int?) throws -> [Int: End] {
        defer { run.sequences = [] }
        var ends: [Int: End] = [:]
        var open = starts.filter { !$0.members.isEmpty }.map { start in
            let members = start.members.sorted { $0.tokens.lexicographicallyPrecedes($1.tokens) }
            return Branch(end: End(state: start.state, residual: keptBlocks.map { _ in [] }), members: members[...])
        }
        while !open.isEmpty {
            let shared = open.map(\.shared)
            try advance(
                &open,
                to: zip(open, shared).map { branch, shared in
                    guard let least else { return shared }
                    return branch.members.count > 1 && shared - branch.done >= least ? shared : branch.done
                })
            var next: [Branch] = []
            for (branch, shared) in zip(open, shared) {
                var rest = branch.members
                while let member = rest.first, member.tokens.count == shared || least != nil && rest.count == 1 {
                    ends[member.number] = branch.end
                    rest = rest.dropFirst()
                }
                while let member = rest.first {
                    let same = rest.prefix { $0.tokens[shared] == member.tokens[shared] }
                    next.append(Branch(end: branch.end, members: same, done: branch.done))
                    rest = rest.dropFirst(same.count)
                }
            }
            open = next
        }
        return ends
    }

    private func advance(_ open: inout [Branch], to counts: [Int]) throws {
        let moving = open.indices.filter { counts[$0] > open[$0].done }
        guard !moving.isEmpty else { return }
        run.sequences = moving.map { open[$0].end.state }
        let parts = moving.map { index in
            (member: open[index].members[open[index].members.startIndex], range: open[index].done..<counts[index])
        }
        let reads = keptBlocks.map { Read(.residualPre($0), at: .all) }
        let steps = parts.enumerated().map { sequence, part in
            Step(
                sequence: sequence, tokens: Array(part.member.tokens[part.range]), edits: edits, reads: reads,
                logits: wantsLogits ? .last : nil)
        }
        let results =
            if let start {
                try run.advance(
                    steps,
                    from: ResidualStart(
                        layer: start.block, residual: parts.map { start.residual($0.member.number, $0.range) }))
            } else {
                try run.advance(steps)
            }
        for (sequence, index) in moving.enumerated() {
            open[index].done = counts[index]
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
