import DataFiles
import Directions
import Evaluation
import Foundation
import HeadSteerTesting
import Tasks
import Transformer
import XCTest

/// Texts judged by the probes of some heads.
final class ProbeJudgeTests: XCTestCase {
    private func planted() throws -> (planted: PlantedModel, directions: [HeadDirection]) {
        let planted = try PlantedModel()
        return (planted, try planted.directions().filter { !$0.isZero && $0.withinClassSigma > 0 })
    }

    private func judged(_ planted: PlantedModel, _ prompt: String, _ text: String) throws -> JudgedText {
        let ids = try planted.tokenizer.encode(prompt: prompt, completion: text)
        return JudgedText(prompt: prompt, text: text, promptTokens: ids.prompt, tokens: ids.completion)
    }

    /// The definition, carried out position by position.
    func testProbesAtTheTextsOwnTokens() throws {
        let (planted, directions) = try planted()
        let probes = Array(directions.prefix(2)) + directions.suffix(1)
        let texts = try [
            judged(planted, "My day at work was", " wonderful"), judged(planted, "I feel", " sad and gloomy today"),
            judged(planted, "I feel", ""),
        ]
        let scores = try ProbeJudge(model: planted.model, probes: probes, workers: planted.workers).scores(texts)
        XCTAssertEqual(scores[2], 2.5)
        let headSize = planted.model.configuration.headSize
        for (text, score) in zip(texts, scores).prefix(2) {
            let run = Run(planted.model, workers: planted.workers)
            run.sequences = [planted.model.makeSequence(promptCount: 1)]
            let result = try run.advance([
                Step(
                    tokens: text.promptTokens + text.tokens,
                    reads: Set(probes.map(\.head.layer)).map { Read(.z($0), at: .all) })
            ])[0]
            var values: [Double] = []
            for probe in probes {
                let z = try XCTUnwrap(result[.z(probe.head.layer)]).values
                for position in text.promptTokens.count..<z.rows {
                    let head = (0..<headSize).map { Double(z[position, probe.head.index * headSize + $0]) }
                    let projection = zip(head, probe.unit).reduce(0) { $0 + $1.0 * Double($1.1) }
                    values.append((projection - probe.threshold) / probe.withinClassSigma)
                }
            }
            let mean = values.reduce(0, +) / Double(values.count)
            XCTAssertEqual(score, 5 / (1 + exp(-mean)), accuracy: 1e-6, text.text)
        }
    }

    /// The planted heads tell the moods apart.
    func testProbesTellMoodsApart() throws {
        let (planted, directions) = try planted()
        let probes = directions.filter { $0.head == Head(layer: 2, index: 1) }
        XCTAssertEqual(probes.count, 1)
        let judge = try ProbeJudge(model: planted.model, probes: probes, workers: planted.workers)
        let scores = try judge.scores(
            try PlantedModel.examples("mood-test.jsonl").map { try judged(planted, "I", $0.text) })
        let labels = try PlantedModel.examples("mood-test.jsonl").map(\.label)
        func mean(_ label: Bool) -> Double {
            let own = zip(scores, labels).filter { $0.1 == label }.map(\.0)
            return own.reduce(0, +) / Double(own.count)
        }
        XCTAssertGreaterThan(mean(true), mean(false))
    }

    func testProbesThatCanNotJudge() throws {
        let (planted, directions) = try planted()
        var flat = directions[0]
        flat.withinClassSigma = 0
        var elsewhere = directions[0]
        elsewhere.head.layer = 99
        for probes in [[], [flat], [elsewhere]] {
            XCTAssertThrowsError(try ProbeJudge(model: planted.model, probes: probes, workers: planted.workers)) {
                XCTAssertTrue($0 is InputError, "\($0)")
            }
        }
        let judge = try ProbeJudge(model: planted.model, probes: [directions[0]], workers: planted.workers)
        XCTAssertThrowsError(try judge.scores([JudgedText(prompt: "a", text: "b")])) {
            XCTAssertTrue("\($0)".contains("prompt's tokens"), "\($0)")
        }
    }
}
