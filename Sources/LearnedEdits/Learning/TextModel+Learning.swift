import DataSets
import Opening
import Tasks

extension TextModel {
    /// Learns edits of heads from three fifths of a data set's groups; see ``EditLearner`` for progress and for
    /// continuing learning that was stopped.
    ///
    /// - Parameters:
    ///   - data: choice questions, contrast prompts, or labelled texts of both labels, in at least five groups.
    ///   - neutral: texts that side effects are measured on, and limited on while learning.
    /// - Throws: `InputError` if the data don't suffice or the model has fewer heads than asked for;
    ///   `CancellationError`.
    public func learnEdits(
        _ options: LearningOptions, from data: DataSet, neutral: [String] = NeutralTexts.sentences
    ) throws -> LearningResult {
        try EditLearner(model, tokenizer: tokenizer, workers: workers).learn(
            options,
            from: LearningInput(data, tokenizer: tokenizer, neutral: neutral, seed: options.seed, file: "the data"))
    }
}
