import DataFiles
import Directions
import Foundation
import Probing
import Statistics
import Tasks
import TensorCore
import Tokenization
import Transformer

/// Finds the heads that cause a behaviour.
///
/// 1. Directions are fitted from labelled texts.
/// 2. The screen moves every head both ways and compares with random directions (``HeadScreen``); beside it stand two
/// cheap
///    priors, the AUROC as a detector and the direct effect on the logits (``DirectAttribution``).
/// 3. The best heads are checked by what texts say (``GenerationCheck``).
/// 4. Heads are put together by their joint effect (``HeadCombination``), and a line search finds the strength they
/// share,
///    bounded by side effects (``StrengthSearch``).
///
/// Everything is deterministic, and a search can go on from its ``SearchState``.
public struct HeadSearch {
    let model: LanguageModel
    let tokenizer: Tokenizer
    let workers: WorkerPool
    /// Asked now and then: if it returns true, the search throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }
    /// Called after each part of the work with what is found so far.
    public var onState: (SearchState) throws -> Void = { _ in }

    /// A search that reports to nobody and stops when its task is cancelled.
    public init(_ model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool) {
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
    }

    /// Searches.
    ///
    /// - Parameter state: what an earlier search with the same input and options found.
    /// - Throws: `InputError` if the data don't suffice or the model has fewer heads than asked for;
    ///   `CancellationError`; what ``onState`` throws.
    public func find(
        _ options: SearchOptions = SearchOptions(), in input: SearchInput, state: SearchState = SearchState(key: ""),
        onStage: (SearchStage) -> Void = { _ in }
    ) throws -> SearchResult {
        let all = model.configuration.layers * model.configuration.heads
        guard options.heads >= 1, options.heads <= all else {
            throw InputError.usage("\(options.heads) heads to find", remedy: "the model has \(all)")
        }
        var state = state
        var clock = StageClock { workers.multiplications }

        let (collection, rows, directions) = try fitted(options, input, onStage: onStage)
        clock.end("read texts and fit directions")

        let items = input.contrasts.evenly(options.items).items
        let sweep = try HeadSweep(model, items: items, workers: workers, isCancelled: isCancelled)
        let screened = try screen(
            directions, sweep: sweep, items: items, options: options, state: &state, onStage: onStage)
        clock.end("screen")
        let (heads, tokens) = try priors(
            screened, directions: directions, table: collection.table, rows: rows, items: items, options: options)
        clock.end("priors")

        let byHead = Dictionary(uniqueKeysWithValues: directions.map { ($0.head, $0) })
        let check =
            try options.checkedHeads > 0
            ? input.answers.map { answers in
                try GenerationCheck(
                    model, task: answers.evenly(options.checkPrompts), tokenizer: tokenizer,
                    maxTokens: options.checkTokens, workers: workers, isCancelled: isCancelled)
            } : nil
        let best = Array(heads.prefix(max(options.heads, options.checkedHeads, 1)))
        let checked = try self.check(best, byHead, check, state: &state, onStage: onStage)
        clock.end("check by generation")

        let passing = best.filter { head in checked.first { $0.head == head.head }?.passes ?? true }
        // Where too few pass, the best of the others fill up.
        let candidates = passing.count >= options.heads ? passing : passing + best.filter { !passing.contains($0) }
        let (chosen, steps) = try combine(
            candidates.compactMap { byHead[$0.head] }, sweep: sweep, options: options, state: &state, onStage: onStage)
        clock.end("combine")

        let search = try StrengthSearch(
            model, sweep: sweep, prompts: input.answers?.items.map(\.prompt) ?? items.map(\.prompt),
            endTokens: tokenizer.endOfGenerationTokens,
            neutral: NeutralText(
                model, texts: input.neutral, tokenizer: tokenizer, workers: workers, isCancelled: isCancelled),
            check: check, budget: options.budget, workers: workers, isCancelled: isCancelled)
        let known = state.trials
        let strength: Double
        let trials: [StrengthTrial]
        var spent: BudgetedStrength?
        if let budget = options.spends {
            let (trial, found) = try search.find(chosen, spending: budget)
            (strength, trials, spent) = (found.factor, [trial], found)
            onStage(.tried(trial))
        } else {
            (strength, trials) = try search.find(chosen, known: known) { trial in
                if !state.trials.contains(trial) { state.trials.append(trial) }
                try onState(state)
                onStage(.tried(trial))
            }
        }
        let tuned =
            options.tunesEachHead ? try search.refine(chosen, from: strength) { onStage(.tried($0)) } : nil
        clock.end("line search")
        let strengths = tuned?.strengths ?? chosen.map { _ in strength }
        let evidence = try SearchEvidence(
            chosen, strengths: strengths, table: collection.table, texts: input.texts, items: items, model: model,
            workers: workers, isCancelled: isCancelled)
        clock.end("record")
        return SearchResult(
            options: options, directions: directions, residualNorms: collection.residualNorms, screened: heads,
            tokens: tokens, checked: checked, combination: steps, unedited: sweep.unedited,
            contrastSource: input.contrasts.source,
            fittedTexts: (input.texts.count { $0.label }, input.texts.count { !$0.label }),
            uneditedOutcomes: check?.base, heads: chosen, strength: strength,
            strengths: strengths, tuned: tuned?.trial, trials: trials, spent: spent, evidence: evidence,
            seconds: clock.stages)
    }

    /// z of the labelled texts, and every head's direction.
    func fitted(
        _ options: SearchOptions, _ input: SearchInput, onStage: (SearchStage) -> Void
    ) throws -> (collection: HeadCollection, rows: GroupedLabels, directions: [HeadDirection]) {
        let collection =
            try input.collection
            ?? HeadCollection(
                ActivationReading(model, input.texts), workers: workers,
                onProgress: { onStage(.collecting(done: $0, of: input.texts.count)) }, isCancelled: isCancelled)
        let rows = GroupedLabels(input.texts)
        let directions = try collection.table.directions(rows: rows, seed: options.seed, workers: workers)
        guard directions.contains(where: { !$0.isZero }) else {
            throw InputError.badData(
                "both classes have the same activations at every head", in: "the labelled texts",
                remedy: "give texts that differ between the labels")
        }
        return (collection, rows, directions)
    }

    /// Screens layer by layer, so that a search that was stopped goes on at the layer it was at.
    func screen(
        _ directions: [HeadDirection], sweep: HeadSweep, items: [ContrastItem], options: SearchOptions,
        state: inout SearchState, onStage: (SearchStage) -> Void
    ) throws -> [ScreenedHead] {
        let estimates = try estimates(
            directions, sweep: sweep, items: items, options: options, state: &state, onStage: onStage)
        let dropped = options.dropped(by: estimates)
        let all = directions
        let directions = directions.filter { !dropped.contains($0.head) }
        state.screened.keepWholeLayers(of: directions.map(\.head))
        let screen = HeadScreen(sweep, groups: items.map(\.group), options: options.screen)
        var done = state.screened.count
        for layer in 0..<model.configuration.layers where !state.screened.contains(where: { $0.head.layer == layer }) {
            let own = directions.filter { $0.head.layer == layer }
            state.screened += try screen.screen(own) { onStage(.screening(done: done + $0, of: directions.count)) }
            done += own.count
            onStage(.screening(done: done, of: directions.count))
            try onState(state)
        }
        return HeadScreen.tested(state.screened, estimates: estimates, of: all)
    }

    private func priors(
        _ screened: [ScreenedHead], directions: [HeadDirection], table: ActivationTable, rows: GroupedLabels,
        items: [ContrastItem], options: SearchOptions
    ) throws -> ([ScreenedHead], [DirectAttribution.Tokens]) {
        let attribution = DirectAttribution(model)
        let cosines = Dictionary(
            uniqueKeysWithValues: zip(directions.map(\.head), attribution?.cosines(directions, items: items) ?? []))
        // Texts of too few groups can be fitted but not cross-validated.
        let probes = try? table.probeHeads(
            rows, options: ProbeOptions(repeats: 1, permutations: 0, controlTasks: 0, seed: options.seed),
            workers: workers)
        let areas = Dictionary(
            uniqueKeysWithValues: (probes?.heads ?? []).map { ($0.head, $0.auroc) })
        let heads = screened.map { head in
            var head = head
            head.directCosine = cosines[head.head]
            head.auroc = areas[head.head]
            return head
        }.sorted(by: ScreenedHead.isBefore)
        let byHead = Dictionary(uniqueKeysWithValues: directions.map { ($0.head, $0) })
        let best = heads.prefix(max(options.heads, options.checkedHeads)).compactMap { byHead[$0.head] }
        return (heads, try attribution?.tokens(best, tokenizer: tokenizer, workers: workers) ?? [])
    }

    private func check(
        _ heads: [ScreenedHead], _ directions: [Head: HeadDirection], _ check: GenerationCheck?,
        state: inout SearchState, onStage: (SearchStage) -> Void
    ) throws -> [CheckedHead] {
        if let checked = state.checked { return checked }
        guard let check else { return [] }
        let edits = heads.map { head in
            (directions[head.head].map { [$0.edit(sigmas: head.strength)] }) ?? []
        }
        let checked = try check.check(heads, edits: edits) { onStage(.checking(done: $0, of: $1)) }
        state.checked = checked
        try onState(state)
        return checked
    }

    private func combine(
        _ candidates: [HeadDirection], sweep: HeadSweep, options: SearchOptions, state: inout SearchState,
        onStage: (SearchStage) -> Void
    ) throws -> ([HeadDirection], [CombinationStep]) {
        guard options.combines else { return (Array(candidates.prefix(options.heads)), []) }
        if let steps = state.combined, let last = steps.last {
            let wanted = min(options.heads, candidates.count)
            let chosen = last.heads.compactMap { head in candidates.first { $0.head == head } }
            if last.heads.count == wanted, Set(chosen.map(\.head)).count == wanted { return (chosen, steps) }
        }
        // Together heads are moved less far each, so that the whole is moved about as far as one was.
        let strength = options.screen.strengths[0] / Double(options.heads).squareRoot()
        let combination = HeadCombination(sweep, strength: strength, isCancelled: isCancelled)
        let (chosen, steps) = try combination.choose(candidates, count: options.heads) {
            onStage(.combining(done: $0, of: $1))
        }
        state.combined = steps
        try onState(state)
        return (chosen, steps)
    }
}
