import DataSets
import Evaluation
import Foundation
import Tasks
import Tokenization

/// A study's data, read and divided: the data that directions are fitted to and heads are searched on share no group
/// with the data that they are tested on.
package struct StudyData {
    /// A data set and its name in errors.
    package typealias Named = (data: DataSet, name: String)

    package var train: [LabelledExample]
    package var texts: [PreparedText]
    /// The rows that heads are searched on.
    package var searched: DataSet
    package var searchContrasts: ContrastSet
    package var searchAnswers: AnswerTask
    /// The rows that effects are tested on.
    package var test: DataSet
    package var testItems: JudgedItems
    package var testAnswers: AnswerTask
    package var testCount: Int { test.count }
    package var source: ContrastSource
    package var unrelated: ChoiceTask?
    /// The texts that judges are tested on.
    package var judgeExamples: [LabelledText]
    package var prompted: PromptedItems

    /// - Parameters:
    ///   - folder: the folder that data paths start from.
    ///   - own: the study's own folder, where paths that begin with `./` start.
    init(_ plan: StudyPlan, folder: URL, own: URL, tokenizer: Tokenizer, context: Int, seed: UInt64) throws {
        func url(_ path: String) -> URL {
            path.hasPrefix("./") ? own.appending(path: String(path.dropFirst(2))) : folder.appending(path: path)
        }
        func read(_ path: String) throws -> Named {
            let url = url(path)
            return (try DataSet(contentsOf: url), url.lastPathComponent)
        }
        let labelled =
            try plan.negative.map { negative in
                (data: try DataSet(positive: url(plan.data), negative: url(negative)), name: plan.data)
            } ?? read(plan.data)
        try self.init(
            plan, labelled: labelled, measured: plan.contrast.map(read), unrelated: plan.unrelated.map(read),
            judged: plan.judgeLabels.map(read), tokenizer: tokenizer, context: context, seed: seed)
    }

    /// Divides data sets that are read already.
    ///
    /// - Parameters:
    ///   - plan: says how much is taken; its paths are ignored.
    ///   - labelled: the data that directions are fitted to.
    ///   - measured: the data that effects are measured on; nil for the same.
    ///   - judged: the data that judges are tested on; nil for those that directions are fitted to.
    package init(
        _ plan: StudyPlan, labelled: Named, measured: Named?, unrelated: Named? = nil,
        judged: Named? = nil, tokenizer: Tokenizer, context: Int, seed: UInt64
    ) throws {
        let (first, second) = labelled.data.split(seed: seed)
        let (searched, tested) = measured.map { $0.data.split(seed: seed) } ?? (first, second)
        let measuredName = measured?.name ?? labelled.name

        let both = ChoiceTaskOptions(usesChatTemplate: plan.chat, context: context)
        let plain = ChoiceTaskOptions(swapsLetters: false, usesChatTemplate: plan.chat, context: context)
        train = first.prefix(plan.trainRows).labelledExamples
        let preparation = try TextPreparation(tokenizer, positions: plan.positions, usesChatTemplate: plan.chat)
        texts = try train.map { try preparation.prepare($0, file: labelled.name) }
        self.searched = searched
        searchContrasts = try ContrastSet(searched, tokenizer: tokenizer, choices: both, file: measuredName)
        searchAnswers = try AnswerTask(searched, tokenizer: tokenizer, choices: plain, file: measuredName)
        source = searchContrasts.source
        test = tested.prefix(plan.testRows)
        testItems = try JudgedItems(test, tokenizer: tokenizer, choices: both, file: measuredName)
        testAnswers = try AnswerTask(test, tokenizer: tokenizer, choices: plain, file: measuredName)
            .evenly(plan.texts)
        self.unrelated = try unrelated.map { data, name in
            try ChoiceTask(data.prefix(40), tokenizer: tokenizer, options: both, file: name)
        }
        judgeExamples = try LabelledText.texts(of: judged?.data.labelledExamples ?? train, tokenizer: tokenizer)
        prompted = try PromptedItems(
            plan.instruction ?? PromptedItems.instruction(showing: train), data: test, tokenizer: tokenizer,
            choices: both, withAnswers: true, file: measuredName)
        prompted.answers = prompted.answers?.evenly(plan.texts)
    }
}
