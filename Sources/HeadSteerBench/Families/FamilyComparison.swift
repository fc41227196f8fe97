import Foundation
import HeadSteer

/// The differences between a small model's values and those of transformers, in every kind of pass.
///
/// A difference is relative: the largest difference in a tensor divided by the largest magnitude in it.
struct FamilyComparison {
    /// The name of a comparison, its largest difference and the place of that difference.
    struct Row: Encodable {
        var what: String
        var difference: Double
        var at: String
    }

    let model: LanguageModel
    let reference: FamilyReference
    let workers: WorkerPool

    /// All comparisons.
    func rows() throws -> [Row] {
        try [
            ("sites", sites()), ("logits", logits()), ("decode", decode()), ("batch and fork", batch()),
            ("edits, prompt", editedPrompts()), ("edits, decode", editedTexts()), ("sweep", sweep()),
            ("greedy ids", greedy()),
        ].map { what, largest in Row(what: what, difference: largest.value, at: largest.place) }
    }

    // MARK: - Without edits

    /// Compares every site of a pass over the whole text.
    func sites() throws -> LargestDifference {
        let positions = try reference.sitePositions
        let ids = try reference.ids
        let all = Site.all(model.configuration)
        let step = Step(tokens: ids, reads: all.map { Read($0, at: .all) }, logits: nil)
        let result = try run([ids.count]).advance([step])[0]
        var largest = LargestDifference()
        for read in result.reads {
            let site = read.read.site
            let name = site == .finalNorm ? "ln_final.hook_normalized" : site.transformerLensName
            // The logits are compared separately.
            if site == .logits { continue }
            guard reference.has(name) else {
                largest.add(.infinity, "\(name), which the reference lacks")
                continue
            }
            largest.add(positions.flatMap { Array(read.values.row($0)) }, try reference.values(name), name)
        }
        return largest
    }

    func logits() throws -> LargestDifference {
        let ids = try reference.ids
        let result = try run([ids.count]).advance([Step(tokens: ids, logits: .all)])[0]
        var largest = LargestDifference()
        let positions = try reference.logitPositions
        largest.add(
            positions.flatMap { Array(result.logits.row($0)) }, try reference.values("logits"), "logits")
        largest.add(try watched(result.logits), try reference.values("logits.watched"), "logits of all positions")
        return largest
    }

    /// Compares decoding token by token.
    ///
    /// All tokens count as the prompt, because a growing text may not pass the length at which frequencies change.
    func decode() throws -> LargestDifference {
        let ids = try reference.ids
        let run = run([ids.count])
        let rows = try ids.map { try run.advance([Step(tokens: [$0], logits: .all)])[0].logits }
        var largest = LargestDifference()
        largest.add(try rows.flatMap { try watched($0) }, try reference.values("logits.watched"), "decode")
        return largest
    }

    /// Compares the text in a batch with another text, when it is cut in the middle and continued as a fork.
    func batch() throws -> LargestDifference {
        let ids = try reference.ids
        let half = ids.count / 2
        let run = run([ids.count, ids.count])
        let first = try run.advance([
            Step(sequence: 0, tokens: Array(ids.prefix(half)), logits: .all),
            Step(sequence: 1, tokens: Array(ids.reversed().prefix(7)), logits: nil),
        ])[0]
        run.sequences.append(run.sequences[0])
        let second = try run.advance([
            Step(sequence: 1, tokens: Array(ids.prefix(40)), logits: nil),
            Step(sequence: 2, tokens: Array(ids.dropFirst(half)), logits: .all),
        ])[1]
        var largest = LargestDifference()
        largest.add(
            try watched(first.logits) + watched(second.logits), try reference.values("logits.watched"), "batch and fork"
        )
        return largest
    }

    /// Compares the most likely ids: 0 if they are the same, otherwise infinite.
    func greedy() throws -> LargestDifference {
        let (count, expected) = try reference.greedy
        let found = try generate(Array(reference.ids.prefix(count)), edits: [], count: expected.count).ids
        var largest = LargestDifference()
        largest.add(found == expected ? 0 : .infinity, found == expected ? "" : "\(found) instead of \(expected)")
        return largest
    }

    // MARK: - With edits

    func editedPrompts() throws -> LargestDifference {
        let (count, positions) = try reference.editedPrompt
        let prompt = Array(try reference.ids.prefix(count))
        var largest = LargestDifference()
        for edited in try reference.cases {
            let result = try run([count]).advance([Step(tokens: prompt, edits: edited.edits, logits: .all)])[0]
            largest.add(
                positions.flatMap { Array(result.logits.row($0)) }, try reference.values("\(edited.name).logits"),
                edited.name)
        }
        return largest
    }

    func editedTexts() throws -> LargestDifference {
        let prompt = Array(try reference.ids.prefix(reference.editedPrompt.count))
        var largest = LargestDifference()
        for edited in try reference.cases {
            let text = try generate(prompt, edits: edited.edits, count: edited.ids.count)
            if text.ids != edited.ids { largest.add(.infinity, "\(edited.name): \(text.ids) instead of \(edited.ids)") }
            largest.add(text.logits, try reference.values("\(edited.name).steps"), edited.name)
        }
        return largest
    }

    /// Compares variants of the last position with the logits of an edit at that position only.
    func sweep() throws -> LargestDifference {
        let (count, _) = try reference.editedPrompt
        let prompt = Array(try reference.ids.prefix(count))
        let tokens = try reference.watchedIds
        let variants = try PromptVariants(
            model, prompts: [prompt, Array(prompt.prefix(31))], tokens: [tokens, tokens], workers: workers)
        var largest = LargestDifference()
        for edited in try reference.cases where edited.edits.allSatisfy({ $0.positions == .last }) {
            let edits = edited.edits.compactMap { edit in
                edit.head.flatMap { head in edit.site.layer.map { HeadEdit(layer: $0, head: head, edit.change) } }
            }
            let found = try variants.logits(of: [[], edits])[1][0]
            let vocabulary = model.configuration.vocabulary
            let first = try reference.values("\(edited.name).steps").prefix(vocabulary)
            largest.add(found, tokens.map { first[$0] }, "\(edited.name) as a variant")
        }
        return largest
    }

    // MARK: - Runs

    private func run(_ promptCounts: [Int]) -> Run {
        let run = Run(model, workers: workers)
        run.sequences = promptCounts.map { model.makeSequence(promptCount: $0) }
        return run
    }

    private func generate(_ prompt: [Int], edits: [Edit], count: Int) throws -> (ids: [Int], logits: [Float]) {
        let run = run([prompt.count])
        var (ids, logits): ([Int], [Float]) = ([], [])
        var tokens = prompt
        for _ in 0..<count {
            let row = Array(try run.advance([Step(tokens: tokens, edits: edits)])[0].logits.row(0))
            let best = row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
            ids.append(best)
            logits += row
            tokens = [best]
        }
        return (ids, logits)
    }

    private func watched(_ logits: Matrix) throws -> [Float] {
        let ids = try reference.watchedIds
        return (0..<logits.rows).flatMap { row in ids.map { logits[row, $0] } }
    }
}

/// The largest relative difference so far, and its place.
struct LargestDifference {
    private(set) var value = 0.0
    private(set) var place = ""

    mutating func add(_ difference: Double, _ place: String) {
        guard difference > value || difference.isNaN || self.place.isEmpty else { return }
        value = difference.isNaN ? .infinity : difference
        self.place = place
    }

    mutating func add(_ actual: [Float], _ expected: [Float], _ place: String) {
        guard actual.count == expected.count, !expected.isEmpty else {
            return add(.infinity, "\(place): \(actual.count) values instead of \(expected.count)")
        }
        let scale = expected.reduce(0.0) { max($0, abs(Double($1))) }
        let largest = zip(actual, expected).reduce(0.0) { largest, pair in
            let difference = abs(Double(pair.0) - Double(pair.1))
            return difference.isNaN ? .infinity : max(largest, difference)
        }
        add(largest / max(scale, 1e-30), place)
    }
}
