import TensorCore

/// Takes token sequences through a model, what several of them begin with once: a question with each of its answers, both
/// versions of a question up to their options, and the answers ` (A)` and ` (B)` up to the letter.
package struct SharedBeginnings {
    /// One of the sequences.
    package struct Member {
        /// By which the caller knows it.
        package var number: Int
        /// The tokens that follow the state of its start; may be empty.
        package var tokens: [Int]

        package init(_ number: Int, _ tokens: [Int]) {
            self.number = number
            self.tokens = tokens
        }
    }

    /// Sequences that go on from one state.
    package struct Start {
        package var state: SequenceState
        package var members: [Member]

        package init(_ state: SequenceState, _ members: [Member]) {
            self.state = state
            self.members = members
        }
    }

    /// Where a sequence ended.
    package struct End {
        package var state: SequenceState
        /// The logits at each of its tokens, [token][V]; empty if none were asked for.
        package var logits: [[Float]] = []
        /// The residual stream before each of the kept blocks, [tokens · M].
        package var residual: [[Float]] = []
    }

    private struct Branch {
        var end: End
        /// In the order of their tokens, so that those with a common beginning are neighbours.
        var members: ArraySlice<Member>
        /// How many of the members' tokens have gone through the model.
        var done = 0
        /// How many of their tokens are the same.
        var shared: Int {
            guard let first = members.first, let last = members.last else { return 0 }
            // They are in order: what the first and the last have in common, all have.
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
    ///   - start: the block that passes begin at, and the residual stream before it of some tokens of a member; nil for their embeddings.
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
    /// - Complexity: one row of the model for each different beginning of a start's sequences.
    package func advance(_ starts: [Start]) throws -> [Int: End] {
        try advance(starts, least: nil)
    }

    /// Takes through the model what sequences of a start share, and leaves to the caller what each has by itself.
    ///
    /// - Parameter least: the fewest tokens that are worth a pass of their own; fewer are left to the caller, too.
    /// - Returns: the state of each member, by its number; its count tells how many tokens it is at.
    package func advanceShared(_ starts: [Start], least: Int) throws -> [Int: SequenceState] {
        try advance(starts, least: least).mapValues(\.state)
    }

    /// - Parameter least: the fewest tokens that are taken for several sequences; nil to take each sequence to its end.
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
