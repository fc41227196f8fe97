import DataSets
import Opening
import Tasks

extension TextModel {
    /// Finds the heads that cause a behaviour and the strength that moves it; see ``HeadSearch`` for the stages, for
    /// progress and for continuing a search.
    ///
    /// - Parameters:
    ///   - examples: labelled texts of both classes; directions are fitted to them at their last tokens.
    ///   - contrasts: prompts with continuations for and against the behaviour, or questions with answers, which
    ///     effects are measured on.
    ///   - neutral: texts that side effects are measured on.
    /// - Throws: `InputError` if the data don't suffice or the model has fewer heads than asked for;
    ///   `CancellationError`.
    /// - Complexity: about four passes over the contrasts' last tokens for each head of the model.
    public func findHeads(
        _ options: SearchOptions = SearchOptions(), examples: [LabelledExample], contrasts: DataSet,
        neutral: [String] = NeutralTexts.sentences
    ) throws -> SearchResult {
        let preparation = try TextPreparation(tokenizer)
        let input = SearchInput(
            texts: try examples.map { try preparation.prepare($0) },
            contrasts: try ContrastSet(contrasts, tokenizer: tokenizer, file: "the contrasts"),
            neutral: neutral)
        return try HeadSearch(model, tokenizer: tokenizer, workers: workers).find(options, in: input)
    }
}
