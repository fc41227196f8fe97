import DataFiles
import DataSets
import Foundation
import Statistics
import Tokenization

/// A text with a known label, for checking judges.
public struct LabelledText: Sendable {
    /// The text and its prompt.
    public var text: JudgedText
    /// Whether the text shows the behaviour.
    public var label: Bool
    /// The name of the text's group; texts of a group are not independent.
    public var group: String

    /// Makes a text with its label.
    public init(_ text: JudgedText, label: Bool, group: String) {
        self.text = text
        self.label = label
        self.group = group
    }

    /// The completions of labelled examples, with their tokens, evenly spaced over the examples.
    ///
    /// At most `count` / 2 texts of each class are taken, but at least one if there is one.
    ///
    /// - Throws: `InputError` if an example's text can't be turned into tokens.
    public static func texts(
        of examples: [LabelledExample], tokenizer: Tokenizer, count: Int = JudgeCheck.texts
    ) throws -> [LabelledText] {
        let chosen = [true, false].flatMap { label in
            examples.indices.filter { examples[$0].label == label }.evenly(max(1, count / 2))
        }
        return try chosen.sorted().map { index in
            let example = examples[index]
            let ids = try tokenizer.encode(prompt: example.prompt, completion: example.completion)
            return LabelledText(
                JudgedText(
                    prompt: example.prompt, text: example.completion, promptTokens: ids.prompt, tokens: ids.completion),
                label: example.label, group: example.group)
        }
    }
}

/// How well a judge separates texts with known labels; read it before you rely on the judge's scores.
public struct JudgeCheck: Sendable, Codable, Equatable {
    /// The default maximum number of labelled texts that a judge is checked on, enough for an interval of about ±0.1.
    public static let texts = 100

    /// The name of the judge.
    public var judge: String
    /// The number of texts with the label.
    public var withLabel: Int
    /// The number of texts without the label.
    public var withoutLabel: Int
    /// How well scores rank texts with the label above those without.
    public var auroc: AreaWithInterval
    /// ``auroc`` for each order in which the judge offers its answers; empty for a judge that offers none.
    ///
    /// If the orders differ much, the judge answers by letter.
    public var orders: [AreaWithInterval]
    /// The mean score of texts with the label.
    public var meanWithLabel: Double
    /// The mean score of texts without the label.
    public var meanWithoutLabel: Double
    /// How well the number of words alone ranks texts with the label above those without.
    public var lengthAUROC: AreaWithInterval
    /// The rank correlation of the score and the number of words within the classes; above 0, the judge favours long
    /// texts.
    ///
    /// Nil if all scores, or all numbers of words, are the same within each class.
    public var lengthCorrelation: Double?
    /// ``auroc`` without the effect of length: how well the judge separates texts of the same length.
    ///
    /// A regression within the classes gives the slope of the score's rank on the rank of the number of words (analysis
    /// of covariance). The area is that of the score's rank minus this slope times the rank of the number of words.
    public var aurocAtEqualLength: AreaWithInterval

    /// Checks a judge on labelled texts.
    ///
    /// - Throws: `InputError` if the labelled texts are all of one class; what the judge throws.
    public init(_ judge: any TextJudge, on texts: [LabelledText]) throws {
        try self.init(judge.name, try judge.judgements(texts.map(\.text)), of: texts)
    }

    /// Checks each judge; returns no checks if there are no texts.
    package static func all(_ judges: [any TextJudge], on texts: [LabelledText]) throws -> [JudgeCheck] {
        try texts.isEmpty ? [] : judges.map { try JudgeCheck($0, on: texts) }
    }

    /// Checks a judge by its judgements.
    ///
    /// - Parameter judgements: one judgement for each text.
    /// - Throws: `InputError` if the labelled texts are all of one class.
    /// - Precondition: there is one judgement for each text.
    public init(_ judge: String, _ judgements: [Judgement], of texts: [LabelledText]) throws {
        precondition(judgements.count == texts.count, "Each text needs a judgement.")
        let labels = texts.map(\.label)
        let groups = Groups(texts.map(\.group))
        func area(_ scores: [Double]) throws -> AreaWithInterval {
            guard let area = AreaWithInterval(scores: scores, labels: labels, groups: groups) else {
                throw InputError.badData(
                    "labelled texts of only one class", in: "the texts that the judge \(judge) is checked on",
                    remedy: "give texts that show the behaviour and texts that don't")
            }
            return area
        }
        self.judge = judge
        withLabel = labels.count { $0 }
        withoutLabel = labels.count - withLabel
        let scores = judgements.map(\.score)
        auroc = try area(scores)
        orders = try (0..<(judgements.first?.orders.count ?? 0)).map { order in
            try area(judgements.map { $0.orders[order] })
        }
        meanWithLabel = Self.mean(scores, labels, of: true)
        meanWithoutLabel = Self.mean(scores, labels, of: false)
        let words = texts.map { Double(Words.of($0.text.text).count) }
        lengthAUROC = try area(words)
        let (ranks, lengths) = (midranks(scores), midranks(words))
        let (ownRanks, ownLengths) = (Self.centred(ranks, labels), Self.centred(lengths, labels))
        lengthCorrelation = correlation(ownRanks, ownLengths)
        let square = ownLengths.reduce(0) { $0 + $1 * $1 }
        let slope = square > 0 ? zip(ownRanks, ownLengths).reduce(0) { $0 + $1.0 * $1.1 } / square : 0
        aurocAtEqualLength = try area(zip(ranks, lengths).map { $0 - slope * $1 })
    }

    /// Values minus the mean of their class.
    private static func centred(_ values: [Double], _ labels: [Bool]) -> [Double] {
        let (with, without) = (mean(values, labels, of: true), mean(values, labels, of: false))
        return zip(values, labels).map { $0 - ($1 ? with : without) }
    }

    private static func mean(_ values: [Double], _ labels: [Bool], of label: Bool) -> Double {
        let own = zip(values, labels).filter { $0.1 == label }.map(\.0)
        return own.reduce(0, +) / Double(max(own.count, 1))
    }
}
