import DataSets
import Evaluation
import Foundation
import Tasks
import Tokenization

/// A study's data, read and divided: what directions are fitted from and heads are searched on shares no group with what they
/// are tested on.
struct StudyData {
    var train: [LabelledExample]
    var texts: [PreparedText]
    var searchContrasts: ContrastSet
    var searchAnswers: AnswerTask
    var testItems: JudgedItems
    var testAnswers: AnswerTask
    var testCount: Int
    var source: ContrastSource
    var unrelated: ChoiceTask?
    var prompted: PromptedItems

    /// - Parameters:
    ///   - folder: where data paths begin.
    ///   - own: the study's own folder, where those that begin with `./` do.
    init(_ plan: StudyPlan, folder: URL, own: URL, tokenizer: Tokenizer, context: Int, seed: UInt64) throws {
        func url(_ path: String) -> URL {
            path.hasPrefix("./") ? own.appending(path: String(path.dropFirst(2))) : folder.appending(path: path)
        }
        func read(_ path: String) throws -> (data: DataSet, name: String) {
            let url = url(path)
            return (try DataSet(contentsOf: url), url.lastPathComponent)
        }
        let labelled =
            try plan.negative.map { negative in
                (data: try DataSet(positive: url(plan.data), negative: url(negative)), name: plan.data)
            } ?? read(plan.data)
        let (first, second) = labelled.data.split(seed: seed)
        let measured = try plan.contrast.map(read)
        let (searched, tested) = measured.map { $0.data.split(seed: seed) } ?? (first, second)
        let measuredName = measured?.name ?? labelled.name

        let both = ChoiceTaskOptions(usesChatTemplate: plan.chat, context: context)
        let plain = ChoiceTaskOptions(swapsLetters: false, usesChatTemplate: plan.chat, context: context)
        train = first.prefix(plan.trainRows).labelledExamples
        let preparation = try TextPreparation(tokenizer, positions: plan.positions, usesChatTemplate: plan.chat)
        texts = try train.map { try preparation.prepare($0, file: labelled.name) }
        searchContrasts = try ContrastSet(searched, tokenizer: tokenizer, choices: both, file: measuredName)
        searchAnswers = try AnswerTask(searched, tokenizer: tokenizer, choices: plain, file: measuredName)
        source = searchContrasts.source
        let test = tested.prefix(plan.testRows)
        testCount = test.count
        testItems = try JudgedItems(test, tokenizer: tokenizer, choices: both, file: measuredName)
        testAnswers = try AnswerTask(test, tokenizer: tokenizer, choices: plain, file: measuredName)
            .evenly(plan.texts)
        unrelated = try plan.unrelated.map { path in
            let (data, name) = try read(path)
            return try ChoiceTask(data.prefix(40), tokenizer: tokenizer, options: both, file: name)
        }
        prompted = try PromptedItems(
            plan.instruction ?? PromptedItems.instruction(showing: train), data: test, tokenizer: tokenizer,
            choices: both, withAnswers: true, file: measuredName)
        prompted.answers = prompted.answers?.evenly(plan.texts)
    }
}
