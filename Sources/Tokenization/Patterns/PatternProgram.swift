/// A pattern compiled to instructions for `PatternMatcher`.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        /// Consumes one scalar of the set.
        case scalar(Int)
        /// Consumes as many scalars of the set as the limits allow, and gives them back one by one unless it `keeps`
        /// them.
        case run(Int, least: Int, most: Int, keeps: Bool)
        /// Continues with the next instruction; if that fails, with the named one.
        case split(Int)
        case jump(Int)
        /// Checks whether the instructions up to `end`, a pattern of their own, match here, and continues at `end`.
        case lookahead(end: Int, negated: Bool)
        /// Does the same, and consumes the first match that it finds.
        case atomic(end: Int)
        case lineEnd
        /// The pattern, or the pattern within a lookahead or an atomic group, has matched.
        case accept
    }

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ScalarSet] = []

    /// The limit on the program's length: counted repetitions are written out, and a longer pattern is rejected.
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

    /// Reserves an instruction that is filled in later.
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
