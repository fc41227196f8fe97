import ArgumentParser
import DataFiles
import Foundation
import Tasks

/// Who judges texts.
struct JudgeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            A judge of texts by words: a JSON object of words and weights, above 0 for the behaviour and below 0 against it.
            """, valueName: "file"))
    var judgeWords: String?

    @Option(
        help: ArgumentHelp(
            """
            A judge of texts by a program of yours: it gets one JSON object {"prompt", "text"} a line and answers each with \
            a number from 0 to 5.
            """, valueName: "command"))
    var judgeCommand: String?

    /// - Throws: `InputError` if the words are no such object.
    func judges() throws -> [any TextJudge] {
        var judges: [any TextJudge] = []
        if let judgeWords {
            let words = try JSONObject(contentsOf: URL(filePath: judgeWords))
            var weights: [String: Double] = [:]
            for word in words.keys { weights[word] = try words.double(word) }
            guard !weights.isEmpty, weights.values.allSatisfy(\.isFinite) else {
                throw InputError.badData(
                    "no words with weights", in: judgeWords, remedy: #"write {"glad": 1, "sad": -1}"#)
            }
            judges.append(KeywordJudge("words", weights: weights))
        }
        if let judgeCommand {
            judges.append(CommandJudge(["/bin/sh", "-c", judgeCommand], name: "command"))
        }
        return judges
    }
}
