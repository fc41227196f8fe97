import DataFiles
import Foundation
import HeadSteerTesting
import Statistics
import TensorCore
import Transformer
import XCTest
import _TestSupport

@testable import Tasks

/// What edits cost on neutral texts, against the definitions carried out on logits of a run.
final class NeutralTextTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let texts = [[5, 9, 21, 7, 30], [11, 2], [30, 2, 2, 14, 8, 40, 3, 17, 12]]

    /// log softmax of every position but the last, in double precision.
    private func logProbabilities(_ model: LanguageModel, _ edits: [Edit]) throws -> [[Double]] {
        let run = Run(model, workers: workers)
        return try texts.flatMap { ids in
            run.sequences = [model.makeSequence(promptCount: 1)]
            let logits = try run.advance([Step(tokens: ids, edits: edits, logits: .all)])[0].logits
            return (0..<ids.count - 1).map { position in
                (0..<model.configuration.vocabulary).map {
                    Run.logProbability(of: $0, logits: logits.row(position))
                }
            }
        }
    }

    /// What tokens before the texts change, position by position.
    func testTheCostOfAPrefix() throws {
        let model = try tinyModel("grouped")
        let neutral = try NeutralText(model, ids: texts, workers: workers)
        let base = try logProbabilities(model, [])
        let prefix = [3, 19, 25]
        let run = Run(model, workers: workers)
        let after = try texts.flatMap { ids in
            run.sequences = [model.makeSequence(promptCount: 1)]
            let logits = try run.advance([Step(tokens: prefix + ids, logits: .all)])[0].logits
            return (0..<ids.count - 1).map { position in
                (0..<model.configuration.vocabulary).map {
                    Run.logProbability(of: $0, logits: logits.row(prefix.count + position))
                }
            }
        }
        let divergences = zip(base, after).map { zip($0, $1).reduce(0.0) { $0 + exp($1.0) * ($1.0 - $1.1) } }
        let cost = try neutral.measure(after: prefix, dropsBeginning: false)
        XCTAssertEqual(cost.mean, divergences.reduce(0, +) / 13, accuracy: 1e-6)
        XCTAssertEqual(cost.worst, divergences.max() ?? 0, accuracy: 1e-6, "one of thirteen is the worst twentieth")
        // A text whose own beginning stands before it is the same text.
        let one = try NeutralText(model, ids: [texts[0]], workers: workers)
        XCTAssertEqual(try one.measure(after: [texts[0][0]], dropsBeginning: true).mean, 0, accuracy: 1e-9)
    }

    func testTheDefinitions() throws {
        let model = try tinyModel("grouped")
        let edit = Edit.z(
            layer: 0, head: 1, positions: .last, .add(arbitraryVector(model.configuration.headSize, scale: 20)))
        let effect = try NeutralText(model, ids: texts, workers: workers).measure(edits: [edit])
        let base = try logProbabilities(model, [])
        let edited = try logProbabilities(model, [edit])
        let next = texts.flatMap { $0.dropFirst() }
        let count = Double(next.count)

        XCTAssertEqual(effect.texts, 3)
        XCTAssertEqual(effect.positions, 13)
        let kl = zip(base, edited).reduce(0.0) { sum, pair in
            sum + zip(pair.0, pair.1).reduce(0.0) { $0 + exp($1.0) * ($1.0 - $1.1) }
        }
        XCTAssertEqual(effect.kl.mean, kl / count, accuracy: 1e-6)
        XCTAssertGreaterThan(effect.kl.mean, 1e-3)
        let crossEntropy = -zip(edited, next).reduce(0) { $0 + $1.0[$1.1] } / count
        let baseCrossEntropy = -zip(base, next).reduce(0) { $0 + $1.0[$1.1] } / count
        XCTAssertEqual(effect.crossEntropy.mean, crossEntropy, accuracy: 1e-9)
        XCTAssertEqual(effect.baseCrossEntropy.mean, baseCrossEntropy, accuracy: 1e-9)
        XCTAssertEqual(effect.crossEntropyChange.mean, crossEntropy - baseCrossEntropy, accuracy: 1e-9)
        XCTAssertEqual(effect.perplexity, exp(crossEntropy), accuracy: 1e-6)
        XCTAssertEqual(effect.basePerplexity, exp(baseCrossEntropy), accuracy: 1e-6)
        let agreeing = zip(base, edited).count { pair in
            pair.0.indices.max { pair.0[$0] < pair.0[$1] } == pair.1.indices.max { pair.1[$0] < pair.1[$1] }
        }
        XCTAssertEqual(effect.top1Agreement.mean, Double(agreeing) / count, accuracy: 1e-12)
    }

    /// Passes go on at the first block that edits concern: the divergence is that of whole passes, in any order.
    func testEditsOfAnyBlock() throws {
        let model = try tinyModel("grouped")
        let c = model.configuration
        let neutral = try NeutralText(model, ids: texts, workers: workers)
        let base = try logProbabilities(model, [])
        let heads = (0..<c.layers).reversed().map { layer in
            [Edit.z(layer: layer, head: 1, positions: .last, .add(arbitraryVector(c.headSize, scale: 20)))]
        }
        for edits in heads + [heads[0] + heads[1], [Edit(.finalNorm, positions: .all, .scale(1.5))]] {
            let edited = try logProbabilities(model, edits)
            let divergences = zip(base, edited).map { zip($0, $1).reduce(0.0) { $0 + exp($1.0) * ($1.0 - $1.1) } }
            let expected = divergences.reduce(0, +) / Double(divergences.count)
            XCTAssertGreaterThan(expected, 1e-4, "\(edits.map(\.site))")
            XCTAssertEqual(try neutral.cost(edits: edits).mean, expected, accuracy: 1e-6, "\(edits.map(\.site))")
        }
    }

    /// Edits that leave no finite logits have a cost that JSON can hold; other errors aren't taken for a cost.
    func testEditsThatLeaveNoFiniteLogits() throws {
        let neutral = try NeutralText(try tinyModel("grouped"), ids: texts, workers: workers)
        let edits = [Edit(.finalNorm, positions: .all, .scale(3e38))]
        let cost = try neutral.cost(edits: edits)
        XCTAssertEqual(cost, .ofNoFiniteLogits)
        XCTAssertFalse(cost.isFinite)
        let measured = try EqualCost(neutral).measure(edits)
        XCTAssertEqual(measured.mean, .infinity)
        XCTAssertFalse(measured.isFinite)
        XCTAssertTrue(try neutral.cost(edits: []).isFinite)
        XCTAssertEqual(try JSONDecoder().decode(KLCost.self, from: JSONEncoder().encode(cost)), cost)
        XCTAssertThrowsError(try neutral.cost(edits: [.z(layer: 99, head: 0, positions: .last, .zero)]))
    }

    func testLayersThatTheModelLacksAreRefused() throws {
        let neutral = try NeutralText(try tinyModel("grouped"), ids: texts, workers: workers)
        for layer in [-1, 99] {
            XCTAssertThrowsError(try neutral.measure(edits: [.z(layer: layer, head: 0, positions: .last, .zero)])) {
                XCTAssertTrue("\($0)".contains("layers are 0 to"), "\($0)")
            }
        }
    }

    /// The unedited cross-entropy is what transformers computes (`Fixtures/tiny-llamas/make.py`).
    func testCrossEntropyOfTransformers() throws {
        for name in ["grouped", "llama2-like"] {
            let folder = FixtureLocation.fixtures.appending(path: "tiny-llamas")
            let facts = try JSONObject(contentsOf: folder.appending(path: "\(name).json"))
            let logs = try XCTUnwrap(facts.doubles("logprobs"))
            let ids = try XCTUnwrap(facts.integers("ids"))
            let effect = try NeutralText(try tinyModel(name), ids: [ids], workers: workers).measure(edits: [])
            XCTAssertEqual(effect.positions, logs.count)
            XCTAssertEqual(effect.crossEntropy.mean, -logs.reduce(0, +) / Double(logs.count), accuracy: 1e-5, name)
        }
    }

    /// `last` acts on all positions, as in generation; `generated` on all but the first.
    func testLastConcernsEveryPosition() throws {
        let model = try tinyModel("grouped")
        let neutral = try NeutralText(model, ids: texts, workers: workers)
        func effect(_ rule: PositionRule) throws -> NeutralEffect {
            try neutral.measure(edits: [.z(layer: 1, head: 0, positions: rule, .zero)])
        }
        XCTAssertEqual(try effect(.last), try effect(.all))
        XCTAssertNotEqual(try effect(.generated), try effect(.all))
    }

    func testNoEditsHaveExactlyNoEffect() throws {
        let model = try tinyModel("grouped")
        let neutral = try NeutralText(model, ids: texts, workers: workers)
        for edits in [[], [Edit.z(layer: 0, head: 0, positions: .all, .scale(1))]] {
            let effect = try neutral.measure(edits: edits)
            XCTAssertEqual(effect.kl, MeanWithInterval([0, 0], groups: ["a", "b"], seed: 0))
            XCTAssertEqual(effect.crossEntropyChange.mean, 0)
            XCTAssertEqual(effect.crossEntropy, effect.baseCrossEntropy)
            XCTAssertEqual(effect.top1Agreement.ciLow, 1)
        }
    }

    func testTextsOfTheModelsTokenizer() throws {
        let planted = try PlantedModel()
        let neutral = try NeutralText(
            planted.model, texts: ["the day was long", "it was a day"], tokenizer: planted.tokenizer,
            workers: workers)
        let expected = try ["the day was long", "it was a day"].map {
            try planted.tokenizer.encode(prompt: $0, completion: "").prompt
        }
        XCTAssertEqual(neutral.texts, expected)
    }

    func testBadInput() throws {
        let model = try tinyModel("grouped")
        for ids in [[], [[1, 2], [3]], [[1, 1_000_000]]] {
            XCTAssertThrowsError(try NeutralText(model, ids: ids, workers: workers)) {
                XCTAssertTrue($0 is InputError, "\($0)")
            }
        }
        let endless = Edit.z(
            layer: 0, head: 0, positions: .all,
            .add([Float](repeating: .infinity, count: model.configuration.headSize)))
        XCTAssertThrowsError(try NeutralText(model, ids: texts, workers: workers).measure(edits: [endless])) {
            XCTAssertTrue("\($0)".contains("finite"), "\($0)")
        }
    }

    func testLinesOfAFile() throws {
        let file = try makeTemporaryFolder().appending(path: "neutral.txt")
        try Data("One line.\r\n\n  Another one. \n".utf8).write(to: file)
        XCTAssertEqual(try NeutralTexts.lines(contentsOf: file), ["One line.", "Another one."])
        for bytes in [Data(), Data(" \n\n".utf8), Data([0xFF, 0xFE, 0x00])] {
            try bytes.write(to: file)
            XCTAssertThrowsError(try NeutralTexts.lines(contentsOf: file)) {
                XCTAssertTrue("\($0)".contains("neutral.txt"), "\($0)")
            }
        }
    }
}
