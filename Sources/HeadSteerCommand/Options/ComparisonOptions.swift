import ArgumentParser
import DataFiles
import DataSets
import Foundation
import ModelComparison
import Tasks
import Tokenization
import Transformer

/// What two models are compared on, besides the data.
struct ComparisonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Prompts or questions that both write texts after (default: those of the data set).", valueName: "file"))
    var answers: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The most prompts to write after; 0 for none.", valueName: "n"))
    var texts = 24

    @Option(parsing: .unconditional, help: ArgumentHelp("The most tokens of each text.", valueName: "n"))
    var textTokens = 24

    @Option(
        help: ArgumentHelp(
            "Lines of neutral text to compare distributions on (default: twelve sentences of the program's).",
            valueName: "file"))
    var neutral: String?

    @OptionGroup var judging: JudgeOptions

    @Flag(help: "Put questions and texts through A's chat template.")
    var chat = false

    @OptionGroup var template: TemplateOptions

    func validate() throws {
        try template.requireUse(chat)
        for (name, value, least) in [("texts", texts, 0), ("text-tokens", textTokens, 1)]
        where value < least || value > 100_000 {
            throw ValidationError("--\(name) is \(value); give a number from \(least) to 100000")
        }
    }

    /// Makes tokens of everything, with A's tokenizer.
    ///
    /// - Throws: `InputError` with the file and line at fault.
    func input(_ file: DataFile, _ tokenizer: Tokenizer, _ configuration: ModelConfiguration) throws -> ComparisonInput
    {
        let choices = ChoiceTaskOptions(usesChatTemplate: chat, context: configuration.context)
        let plain = ChoiceTaskOptions(swapsLetters: false, usesChatTemplate: chat, context: configuration.context)
        let preparation = try TextPreparation(tokenizer, usesChatTemplate: chat)
        var input = ComparisonInput(
            items: try JudgedItems(file.data, tokenizer: tokenizer, choices: choices, file: file.name),
            source: try ContrastSet(file.data, tokenizer: tokenizer, choices: plain, file: file.name).source,
            texts: try file.data.labelledExamples.map { try preparation.prepare($0, file: file.name) },
            neutral: try
                (neutral.map { try NeutralTexts.lines(contentsOf: URL(filePath: $0)) }
                ?? NeutralTexts.sentences).map {
                    try tokenizer.encode($0, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
                })
        let answerFile = try answers.map(DataFile.init) ?? file
        input.answers =
            texts == 0
            ? nil
            : try AnswerTask(answerFile.data, tokenizer: tokenizer, choices: plain, file: answerFile.name).evenly(texts)
        input.judges = try judging.judges()
        return input
    }
}
