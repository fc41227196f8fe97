import Attribution
import Tasks
import TensorCore
import Tokenization
import Transformer

/// The estimated effects of z, queries and keys of other prompts, for all heads at once.
struct CorruptedAttribution {
    private let items: [ContrastItem]
    private let corrupted: [[Int]]
    private let opened: OpenedModel
    private let environment: CommandEnvironment
    private let attribution: PatchingAttribution

    /// - Parameter file: the other prompts, a row for each item.
    /// - Throws: `InputError` if a prompt is missing or has another number of tokens than its item.
    init(
        _ file: DataFile, _ questions: QuestionOptions, data: AttributedData, _ opened: OpenedModel,
        _ environment: CommandEnvironment
    ) throws {
        items = data.contrasts.items
        corrupted = try ContrastSet(
            file.data, tokenizer: opened.tokenizer, choices: questions.choices(file, opened), file: file.name
        ).items.map(\.prompt)
        self.opened = opened
        self.environment = environment
        attribution = try PatchingAttribution(
            opened.model, items: items, corrupted: corrupted, workers: opened.workers,
            isCancelled: { environment.interruption.isRequested })
    }

    /// The effects of z, largest first, and those of each item by head and position.
    func effects(steps: Int) throws -> PatchingAttribution.Result {
        try environment.stage("Attributing", total: attribution.textCount(steps: steps)) { progress in
            try attribution.effects(steps: steps, onProgress: { try? progress($0) })
        }
    }

    /// The effects of queries and keys, with the softmax recomputed: the means over items, and the estimates of each
    /// item by head and position, which are nil unless they are to be kept.
    func queriesAndKeys(
        keepsPositions: Bool
    ) throws -> (means: [HeadResult<QueryKeyOutput>], items: [QueryKeyAttribution.Estimates]?) {
        let attribution = QueryKeyAttribution(
            opened.model, workers: opened.workers,
            isCancelled: { [interruption = environment.interruption] in interruption.isRequested })
        return try environment.stage("Attributing queries and keys", total: items.count) { progress in
            var sums = QueryKeySums(Head.all(opened.configuration))
            var kept: [QueryKeyAttribution.Estimates] = []
            for (item, other) in zip(items, corrupted) {
                let found = try attribution.estimates(item, corrupted: other)
                sums.add(found)
                if keepsPositions { kept.append(found) }
                try progress(sums.items)
            }
            return (sums.means, keepsPositions ? kept : nil)
        }
    }

    /// How well the estimates agree with measured effects.
    ///
    /// - Parameters:
    ///   - z: the estimates for z.
    ///   - parts: those for queries and keys, of all heads in order; nil if they weren't asked for.
    func check(z: [HeadEffect], _ parts: [HeadResult<QueryKeyOutput>]?) throws -> CheckedPatches {
        let measured = try environment.stage("Replacing z", total: attribution.positionCount) { progress in
            try attribution.measuredEffects(onProgress: { try? progress($0) })
        }
        var checked = CheckedPatches(z: EffectAgreement(estimated: z, measured: measured.heads))
        if let parts {
            let found = try measuredParts()
            checked.queries = EffectAgreement(
                estimated: parts.map(\.head).effects(parts.map(\.finding.query)),
                measured: parts.map(\.head).effects(found.queries))
            let c = opened.configuration
            let kvHeads = (0..<c.layers).flatMap { layer in (0..<c.kvHeads).map { Head(layer: layer, index: $0) } }
            let keys = kvHeads.map { kvHead in
                c.headGroups.heads(of: kvHead.index).reduce(0.0) { $0 + parts[kvHead.layer * c.heads + $1].finding.key }
            }
            checked.keys = EffectAgreement(
                estimated: kvHeads.effects(keys), measured: kvHeads.effects(found.keys))
        }
        return checked
    }

    /// The measured effects of queries by query head and of keys by kv head: means over items of sums over positions.
    private func measuredParts() throws -> (queries: [Double], keys: [Double]) {
        let attribution = QueryKeyAttribution(
            opened.model, workers: opened.workers,
            isCancelled: { [interruption = environment.interruption] in interruption.isRequested })
        return try environment.stage("Replacing queries and keys", total: self.attribution.positionCount) { progress in
            var (done, queries, keys) = (0, [Double](), [Double]())
            for (item, other) in zip(items, corrupted) {
                let found = try attribution.measured(item, corrupted: other) {
                    done += 1
                    try? progress(done)
                }
                queries = queries.adding(found.queries.rowSums, share: 1 / Double(items.count))
                keys = keys.adding(found.keys.rowSums, share: 1 / Double(items.count))
            }
            return (queries, keys)
        }
    }

    /// The effects by position as JSON has them.
    ///
    /// - Parameters:
    ///   - positions: the estimates for z of each item.
    ///   - parts: those for queries and keys; nil if they weren't asked for.
    func byPosition(
        _ positions: [Matrix], _ parts: [QueryKeyAttribution.Estimates]?
    ) throws -> [PositionEffectsOutput] {
        try items.indices.map { item in
            PositionEffectsOutput(
                item: item, tokens: try items[item].prompt.map { try opened.tokenizer.piece($0) }, z: positions[item],
                parts?[item], heads: Head.all(opened.configuration))
        }
    }
}

extension Matrix {
    fileprivate var rowSums: [Double] { (0..<rows).map { row($0).reduce(0.0) { $0 + Double($1) } } }
}

extension [Double] {
    /// The sum with a share of other numbers; no numbers count as zeros.
    fileprivate func adding(_ other: [Double], share: Double) -> [Double] {
        other.indices.map { (isEmpty ? 0 : self[$0]) + share * other[$0] }
    }
}

extension [Head] {
    fileprivate func effects(_ values: [Double]) -> [HeadEffect] {
        zip(self, values).map { HeadEffect($0, MeanEffect(effect: $1, changes: [])) }
    }
}
