import DataFiles
import DataSets
import Foundation
import Statistics
import Tokenization

/// A text whose label is known: what judges are judged on.
public struct LabelledText: Sendable {
    /// The text and what it follows.
    public var text: JudgedText
    /// Whether it shows the behaviour.
    public var label: Bool
    /// What it shares with others.
    public var group: String

    /// A text with its label.
    public init(_ text: JudgedText, label: Bool, group: String) {
        self.text = text
        self.label = label
        self.group = group
    }

    /// Completions of labelled examples, with their tokens: at most `count`, half of each class where there are as many,
    /// evenly spaced over the examples.
    ///
    /// - Throws: `InputError` if an example's text can't be made tokens.
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

/// How well a judge tells texts apart whose labels are known: what its scores are worth, to be read before them.
public struct JudgeCheck: Sendable, Codable, Equatable {
    /// The most labelled texts that a judge is judged on unless told: enough for an interval of about ±0.1.
    public static let texts = 100

    /// The judge.
    public var judge: String
    /// How many labelled texts with the label there were, and how many without.
    public var withLabel: Int
    /// See ``withLabel``.
    public var withoutLabel: Int
    /// How well scores rank texts with the label above those without.
    public var auroc: AreaWithInterval
    /// The same for each order in which the judge offers its answers; empty for a judge that offers none. Orders that differ
    /// much show a judge that answers by letter.
    public var orders: [AreaWithInterval]
    /// The mean score of texts with the label, and of those without.
    public var meanWithLabel: Double
    /// See ``meanWithLabel``.
    public var meanWithoutLabel: Double
    /// How well the number of words alone ranks them.
    public var lengthAUROC: AreaWithInterval
    /// The rank correlation of score and number of words within the classes: a bias for long texts where it is above 0; nil
    /// where one of them is the same for all.
    public var lengthCorrelation: Double?
    /// The area of the ranks of the scores less what they rise with the ranks of the numbers of words, by a regression within
    /// the classes (analysis of covariance): what is left of the judge among texts of the same length.
    public var aurocAtEqualLength: AreaWithInterval

    /// Judges a judge.
    ///
    /// - Throws: `InputError` if the labelled texts are all of one class; what the judge throws.
    public init(_ judge: any TextJudge, on texts: [LabelledText]) throws {
        try self.init(judge.name, try judge.judgements(texts.map(\.text)), of: texts)
    }

    /// Judges each judge; none where there are no texts.
    package static func all(_ judges: [any TextJudge], on texts: [LabelledText]) throws -> [JudgeCheck] {
        try texts.isEmpty ? [] : judges.map { try JudgeCheck($0, on: texts) }
    }

    /// Judges what a judge said.
    ///
    /// - Parameter judgements: one for each text.
    /// - Throws: `InputError` if the labelled texts are all of one class.
    /// - Precondition: each text needs a judgement.
    public init(_ judge: String, _ judgements: [Judgement], of texts: [LabelledText]) throws {
        precondition(judgements.count == texts.count, "Each text needs a judgement.")
        let labels = texts.map(\.label)
        let groups = Groups(texts.map(\.group))
        func area(_ scores: [Double]) throws -> AreaWithInterval {
            guard let area = AreaWithInterval(scores: scores, labels: labels, groups: groups) else {
                throw InputError.badData(
                    "labelled texts of one class alone", in: "what the judge \(judge) is judged on",
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

    /// Values less the mean of their class.
    private static func centred(_ values: [Double], _ labels: [Bool]) -> [Double] {
        let (with, without) = (mean(values, labels, of: true), mean(values, labels, of: false))
        return zip(values, labels).map { $0 - ($1 ? with : without) }
    }

    private static func mean(_ values: [Double], _ labels: [Bool], of label: Bool) -> Double {
        let own = zip(values, labels).filter { $0.1 == label }.map(\.0)
        return own.reduce(0, +) / Double(max(own.count, 1))
    }
}
