import DataFiles
import DataSets
import Foundation

/// What a study does: which data it uses, in what amounts, and how.
///
/// It is saved as JSON beside the project, so that anybody can run the same study on another model.
public struct StudyPlan: Sendable, Codable, Equatable {
    /// The value of the field `format`; a plan of another version is refused.
    public static let format = "headsteer.study/1"

    /// The format that a file names; this type knows one version.
    public var format = StudyPlan.format
    /// The study's name, such as `coordinate-other-ais`.
    public var name: String
    /// The behaviour in a sentence.
    public var behaviour: String
    /// The data set, relative to the data folder; with ``negative``, a list of texts that show the behaviour.
    public var data: String
    /// A list of texts that don't show it; nil for a data set with labels of its own.
    public var negative: String?
    /// Contrast prompts to measure effects on, relative to the data folder, or to the study's own folder with `./`; nil
    /// for the data themselves.
    public var contrast: String?
    /// Questions that have nothing to do with the behaviour; nil for none.
    public var unrelated: String?
    /// Whether texts go through the model's chat template.
    public var chat = false
    /// The positions at which labelled texts are read.
    public var positions = ReadPositions.last
    /// K, the number of heads to choose.
    public var heads = 4
    /// The most rows that directions are fitted to.
    public var trainRows = 200
    /// The most rows that effects are tested on.
    public var testRows = 60
    /// The most texts written for each edit.
    public var texts = 24
    /// The most tokens of each of these texts.
    public var textTokens = 24
    /// The most divergence on neutral text, in nats per token.
    public var maxKL = 0.5
    /// The numbers of labelled texts to fit directions to.
    public var exampleCounts = [4, 8, 18, 60]
    /// Neutral texts; nil for the library's own.
    public var neutral: [String]?
    /// Words with weights for a judge of texts; nil for none.
    public var judgeWords: [String: Double]?
    /// The question that a model is asked about each text, as a judge; nil for no such judge.
    public var judgeQuestion: String?
    /// The two answers to that question, the one for the behaviour first.
    public var judgeAnswers = ["Yes", "No"]
    /// Labelled texts that judges are tested on; nil for the texts that directions are fitted to.
    public var judgeLabels: String?
    /// The most tokens of open answers to choice questions.
    public var openTokens = 48
    /// A prompt that asks for the behaviour; nil for one that shows three examples.
    public var instruction: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case format, name, behaviour, data, negative, contrast, unrelated, chat, positions, heads, trainRows, testRows
        case texts, textTokens, maxKL, exampleCounts, neutral, judgeWords
        case judgeQuestion, judgeAnswers, judgeLabels, openTokens, instruction
    }

    /// A study whose data aren't named by paths.
    package init(name: String, behaviour: String) {
        self.name = name
        self.behaviour = behaviour
        data = ""
    }

    /// Reads a study.
    ///
    /// - Throws: `InputError` that names the field that is missing, unknown (with the nearest known name) or wrong.
    public init(contentsOf url: URL) throws {
        let json = try JSONObject(contentsOf: url)
        let known = CodingKeys.allCases.map(\.rawValue)
        if let field = json.keys.first(where: { !known.contains($0) }) {
            throw InputError(
                .unknownName,
                "an unknown field \(field)", in: json.place,
                remedy: "the nearest known one is \(NearestNames.find(field, among: known).first ?? "")")
        }
        func required(_ key: CodingKeys) throws -> String {
            guard let value = try json.string(key.rawValue) else { throw json.missing(key.rawValue) }
            return value
        }
        func count(_ key: CodingKeys, _ value: Int, least: Int = 1) throws -> Int {
            let value = try json.integer(key.rawValue) ?? value
            guard (least...1_000_000).contains(value) else {
                throw json.wrong(key.rawValue, "a number from \(least) to 1000000")
            }
            return value
        }
        let format = try required(.format)
        guard format == Self.format else {
            throw InputError(
                .unsupported,
                "the format \(format)", in: "\(json.place): format", remedy: "this version reads \(Self.format)")
        }
        name = try required(.name)
        guard !name.isEmpty, name.count <= 100, name.first != ".",
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
        else {
            throw json.wrong("name", "a name of letters, digits, -, _ and . that can name a folder")
        }
        behaviour = try required(.behaviour)
        data = try required(.data)
        negative = try json.string("negative")
        contrast = try json.string("contrast")
        unrelated = try json.string("unrelated")
        chat = try json.bool("chat") ?? false
        if let text = try json.string("positions") {
            guard let positions = ReadPositions(rawValue: text), positions != .all else {
                throw json.wrong("positions", "last, completion or span")
            }
            self.positions = positions
        }
        heads = try count(.heads, heads)
        trainRows = try count(.trainRows, trainRows, least: 4)
        testRows = try count(.testRows, testRows, least: 2)
        texts = try count(.texts, texts)
        textTokens = try count(.textTokens, textTokens)
        maxKL = try json.double("maxKL") ?? maxKL
        guard maxKL > 0, maxKL.isFinite else { throw json.wrong("maxKL", "a positive number") }
        exampleCounts = try json.integers("exampleCounts") ?? exampleCounts
        guard exampleCounts.allSatisfy({ $0 >= 2 }) else { throw json.wrong("exampleCounts", "numbers of at least 2") }
        neutral = try json.strings("neutral")
        guard neutral?.isEmpty != true else { throw json.wrong("neutral", "a list of at least one text") }
        if let words = try json.object("judgeWords") {
            var weights: [String: Double] = [:]
            for word in words.keys { weights[word] = try words.double(word) }
            guard !weights.isEmpty else { throw json.wrong("judgeWords", "an object of words with weights") }
            judgeWords = weights
        }
        judgeQuestion = try json.string("judgeQuestion")
        judgeAnswers = try json.strings("judgeAnswers") ?? judgeAnswers
        guard judgeAnswers.count == 2, judgeAnswers[0] != judgeAnswers[1], !judgeAnswers.contains("") else {
            throw json.wrong("judgeAnswers", "two different answers, the one for the behaviour first")
        }
        judgeLabels = try json.string("judgeLabels")
        openTokens = try count(.openTokens, openTokens)
        instruction = try json.string("instruction")
    }
}
