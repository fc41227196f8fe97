import DataFiles
import Directions
import Statistics
import Tasks
import TensorCore
import Tokenization
import Transformer

/// Finds the heads that cause a behaviour.
///
/// 1. Directions are fitted to labelled texts.
/// 2. The screen moves every head both ways and compares the effect with those of random directions (``HeadScreen``).
///    Two cheap priors are given beside it: the AUROC as a detector and the direct effect on the logits
///    (``DirectAttribution``).
/// 3. The best heads are checked by the texts that the model writes (``GenerationCheck``).
/// 4. Heads are combined by their joint effect (``HeadCombination``). A line search finds the strength that they share,
///    limited by side effects (``StrengthSearch``).
///
/// Everything is deterministic, and a search can continue from its ``SearchState``.
public struct HeadSearch {
    let model: LanguageModel
    let tokenizer: Tokenizer
    let workers: WorkerPool
    /// Called now and then; if it returns true, the search throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }
    /// Called after each part of the work with the findings so far.
    public var onState: (SearchState) throws -> Void = { _ in }

    /// Makes a search that doesn't report progress and stops when its task is cancelled.
    public init(_ model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool) {
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
    }

    /// Finds heads, their strength and the evidence for them.
    ///
    /// - Parameter state: the findings of an earlier search with the same input and options.
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
        SystemMemory.giveBack()
        let (heads, tokens) = try priors(
            screened, directions: directions, table: collection.table, rows: rows, items: items, options: options)
        clock.end("priors")

        let byHead = Dictionary(uniqueKeysWithValues: directions.map { ($0.head, $0) })
        let check = try makeCheck(input, options, prompts: options.checkPrompts)
        let best = Array(heads.prefix(max(options.heads, options.checkedHeads, 1)))
        let checked = try self.check(best, byHead, check, state: &state, onStage: onStage)
        clock.end("check by generation")

        let passing = best.filter { head in checked.first { $0.head == head.head }?.passes ?? true }
        // If too few heads pass, the best of the others fill the places.
        let candidates = passing.count >= options.heads ? passing : passing + best.filter { !passing.contains($0) }
        let (chosen, steps) = try combine(
            candidates.compactMap { byHead[$0.head] }, sweep: sweep, options: options, state: &state, onStage: onStage)
        clock.end("combine")

        let search = try StrengthSearch(
            model, sweep: sweep, prompts: input.answers?.items.map(\.prompt) ?? items.map(\.prompt),
            endTokens: tokenizer.endOfGenerationTokens,
            neutral: NeutralText(
                model, texts: input.neutral, tokenizer: tokenizer, workers: workers, isCancelled: isCancelled),
            check: check,
            moreAnswers: check != nil && (input.answers?.items.count ?? 0) > options.checkPrompts
                ? { try self.makeCheck(input, options, prompts: 2 * options.checkPrompts) } : nil,
            budget: options.budget, workers: workers, isCancelled: isCancelled)
        let found = try strength(of: chosen, search, options: options, state: &state, onStage: onStage)
        clock.end("line search")
        let strengths = found.tuned?.strengths ?? chosen.map { _ in found.strength }
        let evidence = try SearchEvidence(
            chosen, strengths: strengths, table: collection.table, texts: input.texts, items: items, model: model,
            workers: workers, isCancelled: isCancelled)
        clock.end("record")
        return SearchResult(
            options: options, directions: directions, residualNorms: collection.residualNorms, screened: heads,
            tokens: tokens, checked: checked, combination: steps, unedited: sweep.unedited,
            contrastSource: input.contrasts.source,
            fittedTexts: (input.texts.count { $0.label }, input.texts.count { !$0.label }),
            uneditedOutcomes: check?.base, heads: chosen, strength: found.strength,
            strengths: strengths, tuned: found.tuned?.trial, trials: found.trials, spent: found.spent,
            evidence: evidence, seconds: clock.stages)
    }

    /// A check by generation on some of the answers' prompts; nil if no check was asked for.
    private func makeCheck(
        _ input: SearchInput, _ options: SearchOptions, prompts: Int
    ) throws -> GenerationCheck? {
        guard options.checkedHeads > 0, let answers = input.answers else { return nil }
        return try GenerationCheck(
            model, task: answers.evenly(prompts), tokenizer: tokenizer, maxTokens: options.checkTokens,
            workers: workers, isCancelled: isCancelled)
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
}
