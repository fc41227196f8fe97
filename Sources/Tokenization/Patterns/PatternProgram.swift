/// A pattern as instructions for `PatternMatcher`.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        /// Consumes one scalar of the set.
        case scalar(Int)
        /// Consumes scalars of the set, as many as there are within the limits; gives them back one by one unless it
        /// `keeps` them.
        case run(Int, least: Int, most: Int, keeps: Bool)
        /// Goes on with the next instruction; where that fails, with the one named.
        case split(Int)
        case jump(Int)
        /// The instructions up to `end` are a pattern of their own: whether it matches here. Goes on at `end`.
        case lookahead(end: Int, negated: Bool)
        /// Likewise, and consumes what it matches in the first way that it finds.
        case atomic(end: Int)
        case lineEnd
        /// The pattern, or the one within a lookahead or an atomic group, has matched.
        case accept
    }

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ScalarSet] = []

    /// Counted repetitions are written out; a pattern that gets longer than this is refused.
    private static let longest = 4096

    init(_ node: PatternNode) throws(PatternError) {
        try add(node)
        instructions.append(.accept)
    }

    private mutating func add(_ node: PatternNode) throws(PatternError) {
        guard instructions.count < Self.longest else { throw PatternError(construct: "a pattern with this many steps") }
        switch node {
        case .scalar(let set): instructions.append(.scalar(index(of: set)))
        case .sequence(let parts): for part in parts { try add(part) }
        case .alternatives(let choices): try add(choices: choices)
        case .repeated(let part, let least, let most, let keeps):
            if case .scalar(let set) = part {
                instructions.append(.run(index(of: set), least: least, most: most, keeps: keeps))
            } else if keeps {
                try addPart(.repeated(part, least: least, most: most, keeps: false)) { .atomic(end: $0) }
            } else {
                try add(repeating: part, least, most)
            }
        case .lookahead(let part, let negated): try addPart(part) { .lookahead(end: $0, negated: negated) }
        case .atomic(let part): try addPart(part) { .atomic(end: $0) }
        case .lineEnd: instructions.append(.lineEnd)
        }
    }

    private mutating func add(choices: [PatternNode]) throws(PatternError) {
        var jumps: [Int] = []
        for choice in choices.dropLast() {
            let split = reserve()
            try add(choice)
            jumps.append(reserve())
            instructions[split] = .split(instructions.count)
        }
        if let last = choices.last { try add(last) }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func add(repeating part: PatternNode, _ least: Int, _ most: Int) throws(PatternError) {
        for _ in 0..<least { try add(part) }
        if most == .max {
            let split = reserve()
            try add(part)
            instructions.append(.jump(split))
            instructions[split] = .split(instructions.count)
        } else {
            var splits: [Int] = []
            for _ in least..<most {
                splits.append(reserve())
                try add(part)
            }
            for split in splits { instructions[split] = .split(instructions.count) }
        }
    }

    private mutating func addPart(
        _ part: PatternNode, _ instruction: (Int) -> Instruction
    ) throws(PatternError) {
        let start = reserve()
        try add(part)
        instructions.append(.accept)
        instructions[start] = instruction(instructions.count)
    }

    /// An instruction that is filled in later.
    private mutating func reserve() -> Int {
        instructions.append(.accept)
        return instructions.count - 1
    }

    private mutating func index(of set: ScalarSet) -> Int {
        if let index = sets.firstIndex(of: set) { return index }
        sets.append(set)
        return sets.count - 1
    }
}
