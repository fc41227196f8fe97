import DataFiles
import DataSets
import Tasks

extension ITIPreset {
    /// TruthfulQA's questions as texts, as the source reads them.
    ///
    /// Texts for the fit are `Q: … A: …` with every reference answer. Texts for the spread are the same with ` Q: …` of
    /// a random question after them. The source fits to the answers of the multiple-choice task and takes the spread
    /// from the answers of the generation task. Here both use the file's correct and incorrect answers.
    public static func texts(
        _ questions: [TruthfulQAQuestion], seed: UInt64 = 0
    ) -> (fit: [LabelledExample], spread: [LabelledExample]) {
        var generator = SeededGenerator(seed: seed)
        var fit: [LabelledExample] = []
        var spread: [LabelledExample] = []
        for question in questions {
            let other = questions[generator.integer(below: questions.count)].question
            for (answers, label) in [(question.correctAnswers, true), (question.incorrectAnswers, false)] {
                for answer in answers {
                    let text = "Q: \(question.question) A: \(answer)"
                    fit.append(
                        LabelledExample(completion: text, label: label, group: question.question, line: question.line))
                    spread.append(
                        LabelledExample(
                            completion: "\(text) Q: \(other)", label: label, group: question.question,
                            line: question.line))
                }
            }
        }
        return (fit, spread)
    }
}
