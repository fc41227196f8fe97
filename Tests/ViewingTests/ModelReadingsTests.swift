import CausalSearch
import DataSets
import Directions
import Evaluation
import Foundation
import Generation
import HeadSteerTesting
import Intervention
import Tokenization
import Transformer
import XCTest
import _TestSupport

@testable import Viewing

/// What the page says of the planted model, whose heads 2.1 and 4.2 carry the mood, against other ways to the same numbers.
final class ModelReadingsTests: XCTestCase {
    /// Directions from a part of the texts, which have both classes in turn.
    private static func directions(_ planted: PlantedModel) throws -> [HeadDirection] {
        let examples = Array(planted.examples.prefix(24))
        return try planted.collect(examples).table.directions(labels: examples.map(\.label))
    }

    private func decoded(_ packed: String) throws -> [UInt8] { [UInt8](try XCTUnwrap(Data(base64Encoded: packed))) }

    func testScoresAreThoseOfTheDirections() throws {
        let planted = try PlantedModel()
        let examples = Array(planted.examples.prefix(32))
        let collection = try planted.collect(examples)
        let directions = try collection.table.directions(labels: examples.map(\.label))
        let file = DirectionFile(directions, residualNorms: collection.residualNorms)
        let c = planted.model.configuration
        var contents = ViewContents(title: "", layers: c.layers, heads: c.heads)
        let preparation = try TextPreparation(planted.tokenizer)
        let texts = try examples.map { try preparation.prepare($0) }
        let readings = ModelReadings(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        var told: [Int] = []
        try readings.read(texts, along: file, into: &contents) { told.append($0) }
        XCTAssertEqual(told, Array(1...texts.count))

        let scores = try XCTUnwrap(contents.scores)
        let bytes = try decoded(scores.packed)
        let shown = try XCTUnwrap(contents.texts?.items)
        XCTAssertEqual(shown.map(\.label), examples.map(\.label))
        for (index, direction) in directions.enumerated() where !direction.isZero {
            let values = collection.table[direction.head].values
            for text in texts.indices {
                let place = 2 * (index * texts.count + text)
                let packed = Int16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8)
                let z = values[text * c.headSize..<(text + 1) * c.headSize]
                XCTAssertEqual(
                    Double(packed) * scores.scales[index], direction.score(z) / direction.sigma,
                    accuracy: 0.51 * scores.scales[index] + 1e-4, "\(direction.head), text \(text)")
            }
        }
        // The last token of a text is the one that is read: its projection is the text's score.
        let projections = try XCTUnwrap(contents.projections)
        let tokens = try decoded(projections.packed)
        var at = 0
        for (head, picks) in projections.picks.enumerated() {
            for text in picks {
                at += texts[text].tokens.count
                let place = 2 * (head * texts.count + text)
                let packed = Int16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8)
                XCTAssertEqual(
                    Double(Int8(bitPattern: tokens[at - 1])) * projections.scales[head],
                    Double(packed) * scores.scales[head], accuracy: 0.52 * projections.scales[head] + 1e-4,
                    "head \(head), text \(text)")
            }
        }
        XCTAssertEqual(at, tokens.count)
        // The planted heads' highest texts are of the one class, their lowest of the other.
        for head in [Head(layer: 2, index: 1), Head(layer: 4, index: 2)] {
            let picks = projections.picks[contents.number(head)]
            XCTAssertEqual(
                picks.map { examples[$0].label },
                Array(repeating: true, count: 5) + Array(repeating: false, count: 5))
        }
    }

    func testPatternsAreTheModels() throws {
        let planted = try PlantedModel()
        let c = planted.model.configuration
        var contents = ViewContents(title: "", layers: c.layers, heads: c.heads)
        let preparation = try TextPreparation(planted.tokenizer)
        let texts = try planted.examples.prefix(12).map { try preparation.prepare($0) }
        let readings = ModelReadings(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        let file = DirectionFile(try Self.directions(planted), residualNorms: [])
        try readings.read(texts, along: file, patterns: 2, into: &contents)
        XCTAssertEqual(contents.patterns.count, 2)
        XCTAssertEqual(Set(contents.patterns.map { texts[$0.text].label }).count, 2, "one of each class")
        for pattern in contents.patterns {
            let size = pattern.tokens
            XCTAssertEqual(size, texts[pattern.text].tokens.count)
            XCTAssertEqual(pattern.note, "")
            let bytes = try decoded(pattern.packed)
            let run = Run(planted.model, workers: planted.workers)
            run.sequences = [planted.model.makeSequence(promptCount: size)]
            let read = try run.advance([
                Step(tokens: texts[pattern.text].tokens, reads: [Read(.pattern(4), at: .all)], logits: nil)
            ])[0].reads[0].values
            let head = Head(layer: 4, index: 2)
            var at = contents.number(head) * size * (size + 1) / 2
            for query in 0..<size {
                var sum = 0.0
                for key in 0...query {
                    let weight = Double(read[query, head.index * size + key])
                    XCTAssertEqual(Double(bytes[at]) / 255, weight, accuracy: 0.502 / 255, "\(query) looks at \(key)")
                    sum += weight
                    at += 1
                }
                XCTAssertEqual(sum, 1, accuracy: 1e-4)
            }
        }
    }

    func testWritesAndTextsAreThoseOfTheLibrary() throws {
        let planted = try PlantedModel()
        let directions = try Self.directions(planted)
        let c = planted.model.configuration
        var contents = ViewContents(title: "", layers: c.layers, heads: c.heads)
        let readings = ModelReadings(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        let file = DirectionFile(directions, residualNorms: [])
        try readings.addWrites(of: file, count: 3, into: &contents)
        let attribution = try XCTUnwrap(DirectAttribution(planted.model))
        let expected = try attribution.tokens(
            directions.filter { !$0.isZero }, count: 3, tokenizer: planted.tokenizer, workers: planted.workers)
        let writes = try XCTUnwrap(contents.writes)
        for found in expected {
            let own = writes[contents.number(found.head)]
            XCTAssertEqual(
                own.raised.map { contents.pieces.pieces[$0.piece] }, found.finding.raised.map(\.piece), "\(found.head)")
            XCTAssertEqual(own.lowered.map { contents.pieces.pieces[$0.piece] }, found.finding.lowered.map(\.piece))
            for (a, b) in zip(own.raised, found.finding.raised) { XCTAssertEqual(a.weight, b.weight, accuracy: 1e-5) }
        }

        let head = Head(layer: 2, index: 1)
        let plan = try LoadedPlan(
            moving: [.head(head)], along: file, by: 8, in: c,
            fingerprint: planted.model.fingerprint(workers: planted.workers))
        let prompts = planted.contrasts.items.prefix(2).map(\.prompt)
        try readings.addTexts(of: plan, prompts: Array(prompts), factors: [-1, 1], maxTokens: 6, into: &contents)
        let steering = try XCTUnwrap(contents.steering)
        XCTAssertEqual(steering.labels, ["−8 σ", "none", "+8 σ"])
        for (variant, edits) in [(0, try plan.scaled(by: -1).edits(c)), (1, []), (2, try plan.edits(c))] {
            for (index, prompt) in prompts.enumerated() {
                let generator = try BatchGenerator(
                    [
                        GenerationRequest(
                            prompt: prompt, edits: edits, maxTokens: 6,
                            endTokens: planted.tokenizer.endOfGenerationTokens)
                    ],
                    model: planted.model, workers: planted.workers)
                let ids = generator.finish()[0].ids.filter { !planted.tokenizer.endOfGenerationTokens.contains($0) }
                XCTAssertEqual(steering.texts[variant][index], try planted.tokenizer.decode(ids, continuing: true))
            }
        }
        XCTAssertNotEqual(steering.texts[0], steering.texts[2], "the planted head turns the texts")
    }

    func testTextsAreThinnedEvenly() throws {
        let tokenizer = try Tokenizer(contentsOf: PlantedModel.folder.appending(path: "planted.gguf"))
        let preparation = try TextPreparation(tokenizer)
        // Its rows alternate between the classes.
        let texts = try PlantedModel.examples("mood.jsonl").map { try preparation.prepare($0) }
        let few = ModelReadings.thinned(texts, to: 8)
        XCTAssertEqual(few.count, 8)
        XCTAssertEqual(few.count(where: \.label), 4, "\(few.map(\.line))")
        XCTAssertEqual(few.map(\.line), few.map(\.line).sorted())
        XCTAssertEqual(ModelReadings.thinned(texts).count, 48)
        XCTAssertEqual(ModelReadings.thinned(Array(0..<10), to: 4), [0, 2, 5, 7])
        XCTAssertEqual(ModelReadings.thinned([1, 2], to: 4), [1, 2])
    }
}
