import Foundation
import Generation
import TensorCore
import Tokenization
import Transformer
import XCTest
import _TestSupport

/// Texts under edits: from prefixes that were computed before, and with edits that change on the way.
final class EditedGenerationTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let prompt = [1, 31, 80, 67, 36, 15]

    private func z(
        _ change: Change, _ positions: PositionRule = .last, _ schedule: Schedule = .constant, _ gate: Gate? = nil
    ) -> Edit {
        Edit(.z(1), head: 1, positions: positions, schedule: schedule, gate: gate, change)
    }

    /// A direction of length 1 that reads one of a head's values.
    private func reading(_ value: Int) -> [Float] { (0..<8).map { $0 == value ? 1 : 0 } }

    private func prefix(_ model: LanguageModel, _ count: Int, _ edits: [Edit]) throws -> SequenceState {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: prompt.count)]
        if count > 0 { try run.advance([Step(tokens: Array(prompt.prefix(count)), edits: edits)]) }
        return run.sequences[0]
    }

    private func generate(_ model: LanguageModel, _ edits: [Edit], _ prefix: SequenceState?) throws -> [Int] {
        let request = GenerationRequest(prompt: prompt, edits: edits, maxTokens: 8, prefix: prefix)
        return try BatchGenerator([request], model: model, workers: workers).finish()[0].ids
    }

    /// A text from a prefix of any length is the text from scratch: under plans that edit the prefix, that leave it alone,
    /// and that read it for their gates.
    func testPrefixes() throws {
        let model = try tinyModel("grouped")
        let plain = try greedyFromScratch(model, prompt, count: 8)
        let latch = Gate(.z(0), head: 2, direction: reading(3), threshold: 0, mode: .latched)
        var latchOfPrompt = latch
        latchOfPrompt.positions = .prompt
        for (what, edits) in [
            ("last", [z(.scale(-3))]), ("all", [z(.scale(-3), .all)]), ("prompt", [z(.zero, .prompt)]),
            ("decay", [z(.scale(-4), .last, .decay(rate: 0.8))]), ("first", [z(.scale(-4), .all, .first(3))]),
            ("latched", [z(.scale(-3), .all, .constant, latch)]),
            ("latched by the prompt", [z(.scale(-3), .last, .constant, latchOfPrompt)]),
        ] {
            let expected = try greedyFromScratch(model, prompt, edits: edits, count: 8)
            XCTAssertNotEqual(expected, plain, "\(what) changes nothing")
            for count in 0..<prompt.count {
                let ids = try generate(model, edits, prefix(model, count, edits))
                XCTAssertEqual(ids, expected, "\(what), \(count) tokens computed before")
            }
            let unedited = try prefix(model, 4, [])
            let isOwn = unedited.isComputed(under: edits)
            XCTAssertEqual(isOwn, ["last", "decay"].contains(what), what)
            if isOwn {
                XCTAssertEqual(try generate(model, edits, unedited), expected, "\(what) after an unedited prefix")
            }
        }
    }

    /// One prefix serves several texts, under different plans that leave it alone, in one batch.
    func testOnePrefixForSeveralPlans() throws {
        let model = try tinyModel("sharded-bf16")
        let common = try prefix(model, 5, [])
        let plans = [[], [z(.scale(-3))], [z(.scale(4))], [z(.zero, .generated)], [z(.scale(-3))]]
        let texts = try BatchGenerator(
            plans.map { GenerationRequest(prompt: prompt, edits: $0, maxTokens: 8, prefix: common) }, model: model,
            workers: workers
        ).finish()
        for (index, edits) in plans.enumerated() {
            XCTAssertEqual(
                texts[index].ids, try greedyFromScratch(model, prompt, edits: edits, count: 8), "plan \(index)")
        }
        XCTAssertEqual(common.tokens, Array(prompt.prefix(5)))
        XCTAssertGreaterThan(Set(texts.map(\.ids)).count, 2, "the plans hardly differ")
    }

    /// What each token is generated under, in a loop by hand.
    private func byHand(_ model: LanguageModel, _ edits: [[Edit]]) throws -> [Int] {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: prompt.count)]
        var next = prompt
        return try edits.map { edits in
            let logits = try run.advance([Step(tokens: next, edits: edits, changesEdits: true)])[0].logits
            let last = Array(logits.row(logits.rows - 1))
            next = [last.indices.reduce(0) { last[$1] > last[$0] ? $1 : $0 }]
            return next[0]
        }
    }

    /// Strengths that change while two texts of a batch are generated, the third one's staying as it is.
    func testChangesOnTheWayInABatch() throws {
        for name in ["grouped", "llama2-like"] {
            let model = try tinyModel(name)
            let first = (0..<9).map { $0 < 3 ? [] : $0 < 6 ? [z(.scale(-4))] : [z(.scale(6))] }
            let second = (0..<9).map { $0 < 1 ? [z(.zero, .all)] : $0 < 8 ? [z(.zero)] : [] }
            let requests = [first[0], second[0], []].map { GenerationRequest(prompt: prompt, edits: $0, maxTokens: 9) }
            let generator = try BatchGenerator(requests, model: model, workers: workers)
            for token in 0..<9 {
                if token > 0, token % 3 == 0 { try generator.setEdits(first[token], of: 0) }
                if token == 1 || token == 8 { try generator.setEdits(second[token], of: 1) }
                XCTAssertEqual(generator.advance(), [0, 1, 2])
                XCTAssertEqual(generator.requests[2].edits.count, 0)
            }
            XCTAssertEqual(generator.progress[0].ids, try byHand(model, first), "\(name), first")
            XCTAssertEqual(generator.progress[1].ids, try byHand(model, second), "\(name), second")
            let plain = try greedyFromScratch(model, prompt, count: 9)
            XCTAssertEqual(generator.progress[2].ids, plain, "\(name), third")
            XCTAssertEqual(generator.progress[0].ids.prefix(3), plain.prefix(3), "\(name), before the change")
            XCTAssertNotEqual(generator.progress[0].ids, plain, "\(name): the changes change nothing")
            XCTAssertEqual(generator.progress.map(\.stopReason), [.tokenLimit, .tokenLimit, .tokenLimit])
        }
    }

    /// What is remembered stays as it was computed: edits taken back leave a text that an unedited one isn't.
    func testTakingEditsBackKeepsThePast() throws {
        let model = try tinyModel("grouped")
        let generator = try BatchGenerator(
            [GenerationRequest(prompt: prompt, edits: [z(.scale(-8), .all)], maxTokens: 6)], model: model,
            workers: workers)
        _ = generator.advance()
        try generator.setEdits([], of: 0)
        let ids = generator.finish()[0].ids
        XCTAssertEqual(ids, try byHand(model, [[z(.scale(-8), .all)]] + [[Edit]](repeating: [], count: 5)))
        // From scratch and without edits after the same first token: another past.
        let scratch = try greedyFromScratch(model, prompt + [ids[0]], count: 5)
        XCTAssertNotEqual(Array(ids.dropFirst()), scratch)
    }

    /// Edits that are set before the first token are simply the edits, and the past is theirs.
    func testEditsSetBeforeTheFirstToken() throws {
        let model = try tinyModel("grouped")
        let generator = try BatchGenerator(
            [GenerationRequest(prompt: prompt, maxTokens: 8)], model: model, workers: workers)
        try generator.setEdits([z(.scale(-3), .all)], of: 0)
        let expected = try greedyFromScratch(model, prompt, edits: [z(.scale(-3), .all)], count: 8)
        XCTAssertEqual(generator.finish()[0].ids, expected)
    }

    func testStreamsTakeOtherEditsOnTheWay() throws {
        let file = FixtureLocation.fixtures.appending(path: "planted/planted.gguf")
        let model = try LanguageModel(contentsOf: file)
        let tokenizer = try Tokenizer(contentsOf: file)
        let prompt = try tokenizer.encode(
            "My day at work was", specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
        let strong = [Edit(.residualPost(2), positions: .last, .scale(-2))]
        let stream = try TokenStream(
            GenerationRequest(prompt: prompt, maxTokens: 8), model: model, tokenizer: tokenizer, workers: workers)
        XCTAssertTrue(stream.edits.isEmpty)
        for token in 0..<8 {
            if token == 2 { try stream.setEdits(strong) }
            if token == 5 { try stream.setEdits([]) }
            XCTAssertEqual(stream.edits.count, (2..<5).contains(token) ? 1 : 0)
            XCTAssertNotNil(stream.next())
        }
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: prompt.count)]
        var next = prompt
        let expected = try (0..<8).map { token in
            let logits = try run.advance([
                Step(tokens: next, edits: (2..<5).contains(token) ? strong : [], changesEdits: true)
            ])[0].logits
            let last = Array(logits.row(logits.rows - 1))
            next = [last.indices.reduce(0) { last[$1] > last[$0] ? $1 : $0 }]
            return next[0]
        }
        XCTAssertEqual(stream.ids, expected)
        XCTAssertNotEqual(expected, try greedyFromScratch(model, prompt, count: 8), "the edits change nothing")
    }
}
