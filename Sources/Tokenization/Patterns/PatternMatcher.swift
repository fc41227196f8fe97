/// Finds a pattern in one region of a text by backtracking, and tries alternatives in the order of the pattern.
///
/// These patterns consist mostly of runs of one set, and runs are what can take long: a long stretch of white space is
/// tried from each of its scalars. For each instruction, the matcher therefore remembers the end of the last run and
/// the ends after which nothing matched. Only constructed patterns can still take quadratic time; a budget stops them
/// with an error.
struct PatternMatcher {
    /// The pattern would take too long for the text.
    struct TooSlow: Error {}

    private struct Choice {
        enum Kind { case alternative, shorterRun, failedRun }

        var kind: Kind
        /// The instruction to continue with; for `failedRun`, the run itself.
        var instruction: Int
        var offset: Int
        /// The smallest offset that a run can be cut back to.
        var least = 0
    }

    /// What is known about the unlimited runs of one instruction.
    private struct RunRecord {
        /// The last run that was searched for.
        var start = -1
        var end = -1
        /// The ends of runs after which nothing matched.
        private var failed = 0..<0

        func hasFailed(from first: Int, to last: Int) -> Bool { failed.contains(first) && failed.contains(last) }

        mutating func fail(from first: Int, to last: Int) {
            failed =
                failed.contains(first) || failed.contains(last)
                ? min(failed.lowerBound, first)..<max(failed.upperBound, last + 1) : first..<last + 1
        }
    }

    private let program: PatternProgram
    private let scanner: TextScanner
    private let end: Int
    private var choices: [Choice] = []
    private var records: [RunRecord]
    private var budget: Int

    init(_ program: PatternProgram, _ scanner: TextScanner, _ region: Range<Int>) {
        self.program = program
        self.scanner = scanner
        end = region.upperBound
        records = Array(repeating: RunRecord(), count: program.instructions.count)
        budget = 1_000_000 + 1000 * region.count
    }

    /// The end of the match that begins at `offset`; nil if there is none.
    mutating func matchEnd(at offset: Int) throws(TooSlow) -> Int? { try match(from: 0, at: offset) }

    private mutating func match(from first: Int, at start: Int) throws(TooSlow) -> Int? {
        let base = choices.count
        var instruction = first
        var offset = start
        while true {
            budget -= 1
            if budget < 0 { throw TooSlow() }
            var holds = true
            switch program.instructions[instruction] {
            case .scalar(let set):
                let element = scanner.element(at: offset, end: end)
                holds = element.kind != nil && program.sets[set].contains(element.value)
                offset = element.next
            case .run(let set, let least, let most, let keeps):
                if let runEnd = run(instruction, set, least, most, keeps, from: offset) {
                    offset = runEnd
                } else {
                    holds = false
                }
            case .split(let other):
                choices.append(Choice(kind: .alternative, instruction: other, offset: offset))
            case .jump(let target):
                instruction = target
                continue
            case .lookahead(let end, let negated):
                holds = try (match(from: instruction + 1, at: offset) != nil) != negated
                if holds {
                    instruction = end
                    continue
                }
            case .atomic(let end):
                if let next = try match(from: instruction + 1, at: offset) {
                    (instruction, offset) = (end, next)
                    continue
                }
                holds = false
            case .lineEnd: holds = offset == end || scanner.element(at: offset, end: end).value == 0x0A
            case .accept:
                choices.removeLast(choices.count - base)
                return offset
            }
            if holds {
                instruction += 1
            } else {
                guard let choice = nextChoice(downTo: base) else { return nil }
                (instruction, offset) = (choice.instruction, choice.offset)
            }
        }
    }

    /// The next choice to try after a failure.
    private mutating func nextChoice(downTo base: Int) -> Choice? {
        while choices.count > base {
            var choice = choices.removeLast()
            switch choice.kind {
            case .alternative: return choice
            case .shorterRun:
                choice.offset = scanner.offset(before: choice.offset)
                if choice.offset > choice.least { choices.append(choice) }
                return choice
            case .failedRun: records[choice.instruction].fail(from: choice.least, to: choice.offset)
            }
        }
        return nil
    }

    /// Consumes a run and adds the choice to consume less of it.
    ///
    /// - Returns: the run's end; nil if the run is too short or all its ends are known to fail.
    private mutating func run(
        _ instruction: Int, _ set: Int, _ least: Int, _ most: Int, _ keeps: Bool, from start: Int
    ) -> Int? {
        let isUnlimited = most == .max && least <= 1
        var leastEnd = start
        var offset = start
        if isUnlimited, records[instruction].start <= start, start <= records[instruction].end {
            offset = records[instruction].end
            if least == 1 {
                guard start < offset else { return nil }
                leastEnd = scanner.element(at: start, end: end).next
            }
        } else {
            var count = 0
            while count < most {
                let element = scanner.element(at: offset, end: end)
                guard element.kind != nil, program.sets[set].contains(element.value) else { break }
                offset = element.next
                count += 1
                if count == least { leastEnd = offset }
            }
            if isUnlimited { (records[instruction].start, records[instruction].end) = (start, offset) }
            guard count >= least else { return nil }
        }
        guard !keeps, offset > leastEnd else { return offset }
        if isUnlimited {
            if records[instruction].hasFailed(from: leastEnd, to: offset) { return nil }
            choices.append(Choice(kind: .failedRun, instruction: instruction, offset: offset, least: leastEnd))
        }
        choices.append(Choice(kind: .shorterRun, instruction: instruction + 1, offset: offset, least: leastEnd))
        return offset
    }
}
