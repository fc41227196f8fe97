import CausalSearch
import DataFiles
import Directions
import Evaluation
import Intervention
import Tasks
import Transformer

extension ModelReadings {
    /// Adds the tokens whose logits each head's direction raises and lowers most.
    ///
    /// O(heads · V · M).
    /// - Throws: `InputError` if the vocabulary lacks a token of the unembedding; `CancellationError`.
    public func addWrites(
        of directions: DirectionFile, count: Int = 8, into contents: inout ViewContents,
        onProgress: (Int) throws -> Void = { _ in }
    ) throws {
        guard let attribution = DirectAttribution(model) else {
            contents.notes.append(
                "What heads write is left out: a norm follows this model's attention, so no head has a direct path of its own."
            )
            return
        }
        let scales = try scales(directions)
        var writes = scales.map { _ in WrittenTokens(raised: [], lowered: []) }
        for layer in 0..<model.configuration.layers {
            if isCancelled() { throw CancellationError() }
            let own = Head.all(model.configuration).filter { $0.layer == layer }.compactMap { head in
                scales[contents.number(head)].map { HeadDirection(head, unit: $0.unit) }
            }
            for found in try attribution.tokens(own, count: count, tokenizer: tokenizer, workers: workers) {
                func tokens(_ weights: [DirectAttribution.TokenWeight]) -> [WrittenTokens.Token] {
                    weights.map { .init(piece: contents.pieces.place($0.piece), weight: $0.weight) }
                }
                writes[contents.number(found.head)] = WrittenTokens(
                    raised: tokens(found.finding.raised), lowered: tokens(found.finding.lowered))
            }
            try onProgress(layer + 1)
        }
        contents.writes = writes
    }

    /// The multiples of a plan's strengths at which texts are written.
    public static let factors = [-1, -0.5, 0, 0.5, 1.0]

    /// Adds greedy continuations of some prompts at several multiples of a plan's strengths.
    ///
    /// - Throws: `InputError` if the plan doesn't fit the model, or an edit has no dose; `CancellationError`.
    public func addTexts(
        of plan: LoadedPlan, prompts: [[Int]], factors: [Double] = factors, maxTokens: Int = 32,
        into contents: inout ViewContents, onProgress: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
    ) throws {
        let factors = Set(factors + [0]).sorted()
        let variants = try factors.map { try $0 == 0 ? [] : plan.scaled(by: $0).edits(model.configuration) }
        let texts = try PromptTexts(
            model, prompts: prompts, maxTokens: maxTokens, endTokens: tokenizer.endOfGenerationTokens, workers: workers,
            isCancelled: isCancelled)
        let written = try texts.texts(variants, onProgress: { done, all in try? onProgress(done, all) })
        let strength = plan.plan.edits.first?.effectiveStrength ?? 1
        let unit = plan.plan.edits.first?.unit.rawValue ?? "raw"
        let isShared = plan.plan.edits.allSatisfy { $0.effectiveStrength == strength && $0.unit.rawValue == unit }
        contents.steering = SteeredTexts(
            source: "Greedy texts of up to \(maxTokens) tokens, written for this page.",
            labels: factors.map {
                isShared
                    ? StrengthName.text($0 * strength, unit: unit)
                    : StrengthName.text($0, unit: "× the plan's strengths")
            },
            prompts: try prompts.map { try tokenizer.decode($0) },
            // Ids of a padded vocabulary have no text.
            texts: try written.map { texts in
                try texts.map { try tokenizer.decode($0.filter { $0 < tokenizer.vocabularyCount }, continuing: true) }
            },
            base: factors.firstIndex(of: 0) ?? 0, preferred: factors.firstIndex(of: 1) ?? factors.count - 1)
    }
}

extension HeadDirection {
    /// Creates a direction of which only the unit vector is used.
    fileprivate init(_ head: Head, unit: [Float]) {
        self.init(
            head, estimator: .massMean, vector: unit, unit: unit, sigma: 1, withinClassSigma: 1, trueMean: [],
            falseMean: [], mean: [], headNorm: 1, threshold: 0)
    }
}
