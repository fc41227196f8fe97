import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Mistakes found in published steering code, each beside what this library does: the right thing, and another one.
final class PublishedMistakesTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let prompt = [1, 31, 80, 67, 36, 15]
    private let completion = [75, 8, 40, 5]

    private func add(_ v: [Float], _ positions: PositionRule, layer: Int = 1, head: Int = 2) -> Edit {
        .z(layer: layer, head: head, positions: positions, .add(v))
    }

    /// The logits that decide each token of the completion and the one after it, generated token by token.
    private func decode(_ model: LanguageModel, _ edits: [Edit], promptCount: Int? = nil) throws -> [[Float]] {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: promptCount ?? prompt.count)]
        return try ([prompt] + completion.map { [$0] }).map { tokens in
            let logits = try run.advance([Step(tokens: tokens, edits: edits, logits: .all)])[0].logits
            return Array(logits.row(logits.rows - 1))
        }
    }

    /// CAA issue 2: the published code added its vector twice.
    func testTheVectorIsAddedOnce() throws {
        let model = try ReferenceModel.tiny("llama2-like").model
        let v = gaussians(model.configuration.width, seed: 1)
        let edits = [Edit(.residualPost(0), positions: .last, .add(v))]
        func streams(_ edits: [Edit]) throws -> [[Float]] {
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: prompt.count)]
            return try ([prompt] + completion.map { [$0] }).flatMap { tokens in
                let read = Read(.residualPost(0), at: .all)
                let values = try run.advance([Step(tokens: tokens, edits: edits, reads: [read])])[0].reads[0].values
                return (0..<values.rows).map { Array(values.row($0)) }
            }
        }
        // Nothing before the first layer's end is edited, so that the stream there is the plain one and v: once.
        for (position, (plain, steered)) in zip(try streams([]), try streams(edits)).enumerated() {
            let expected = position < prompt.count - 1 ? plain : zip(plain, v).map(+)
            XCTAssertEqual(steered, expected, "position \(position)")
        }
        XCTAssertNotEqual(try decode(model, edits), try decode(model, edits + edits), "added twice")
    }

    /// CAA issue 3, and AISteer360's token scope `after_prompt`: the first generated token is not steered, as it is decided
    /// at the last prompt token.
    func testTheFirstGeneratedTokenIsSteered() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let v = gaussians(8, seed: 2)
        let plain = try decode(model, [])
        let right = try decode(model, [add(v, .last)])
        let late = try decode(model, [add(v, .generated)])
        XCTAssertGreaterThan(Difference(right[0], plain[0]).value, 0.01, "the logits that decide the first token")
        XCTAssertEqual(late[0], plain[0], "the mistake leaves the first token as it was")
        for index in 1...completion.count {
            XCTAssertNotEqual(
                right[index], late[index], "the last prompt token's keys and values differ, token \(index)")
        }
    }

    /// honest_llama's ITI_Intervener edits `b[0, -1]`: the first row of a batch.
    func testEveryRowOfABatchIsSteered() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let edits = [add(gaussians(8, seed: 3), .last)]
        let run = Run(model, workers: workers)
        run.sequences = (0..<3).map { _ in model.makeSequence(promptCount: prompt.count) }
        let plain = try decode(model, [])
        let alone = try decode(model, edits)
        for (index, tokens) in ([prompt] + completion.map { [$0] }).enumerated() {
            let rows = try run.advance((0..<3).map { Step(sequence: $0, tokens: tokens, edits: edits) })
            for (row, result) in rows.enumerated() {
                XCTAssertEqual(result.logits.elements, alone[index], "row \(row), token \(index)")
                XCTAssertNotEqual(result.logits.elements, plain[index], "the mistake: row \(row) as it was")
            }
        }
    }

    /// The same code in teacher-forced scoring, where a pass holds the whole completion: `[-1]` is its last token alone.
    func testEveryTokenOfAScoredCompletionIsSteered() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let v = gaussians(8, seed: 4)
        let run = Run(model, workers: workers)
        let plain = try run.score(completion: completion, after: prompt)
        let right = try run.score(completion: completion, after: prompt, edits: [add(v, .last)])
        let end = prompt.count + completion.count - 1
        let mistaken = try run.score(
            completion: completion, after: prompt, edits: [add(v, .range(from: end - 1, to: end))])
        for index in completion.indices {
            XCTAssertGreaterThan(abs(right[index] - plain[index]), 1e-3, "token \(index) is steered")
            XCTAssertEqual(mistaken[index] == plain[index], index < completion.count - 1, "token \(index), mistaken")
        }
        XCTAssertNotEqual(mistaken.last, right.last, "what was not steered before is missing from the past")
    }

    /// honest_llama issue 42: "before or after o_proj". The vector lives in z, the input; added to the output as if that were
    /// made of heads (where H · D is the width it even fits), it is another vector.
    func testTheInputOfTheOutputProjectionIsEdited() throws {
        let model = try ReferenceModel.tiny("llama2-like").model
        let c = model.configuration
        XCTAssertEqual(c.heads * c.headSize, c.width)
        let v = gaussians(c.headSize, seed: 5)
        let head = 2
        func out(_ edits: [Edit]) throws -> Matrix {
            let result = try model.pass(
                prompt, edits: edits, reads: [Read(.attentionOut(1), at: .all)], workers: workers)
            return result.reads[0].values
        }
        let plain = try out([])
        let right = try out([add(v, .all, head: head)])
        let projection = model.outputProjection(layer: 1, head: head)
        var atOutput = [Float](repeating: 0, count: c.width)
        atOutput.replaceSubrange((head * c.headSize)..<((head + 1) * c.headSize), with: v)
        let mistaken = try out([Edit(.attentionOut(1), positions: .all, .add(atOutput))])
        for row in prompt.indices {
            let change = zip(right.row(row), plain.row(row)).map { $0 - $1 }
            let expected = (0..<c.width).map { value in
                Float(zip(projection.row(value), v).reduce(0) { $0 + Double($1.0) * Double($1.1) })
            }
            assertClose(change, expected, absolute: 2e-6, "row \(row): W_O[:, h] v")
            let wrong = zip(mistaken.row(row), plain.row(row)).map { $0 - $1 }
            XCTAssertGreaterThan(Difference(wrong, expected).value, 0.1, "row \(row): v itself")
        }
    }

    /// Plot labels that count layers from 1, read as if from 0: the next layer.
    func testLayersCountFromZero() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let v = gaussians(8, seed: 6)
        let reads = (0..<3).map { Read(.z($0), at: .all) }
        let plain = try model.pass(prompt, reads: reads, workers: workers)
        for layer in 0..<3 {
            let edited = try model.pass(prompt, edits: [add(v, .all, layer: layer)], reads: reads, workers: workers)
            for other in 0..<3 {
                XCTAssertEqual(
                    edited.reads[other].values == plain.reads[other].values, other < layer,
                    "z of \(other), edited \(layer)")
            }
            XCTAssertEqual(
                edited.reads[layer].values[0, 16], plain.reads[layer].values[0, 16] + v[0], "the layer of that number")
        }
        XCTAssertNotEqual(try decode(model, [add(v, .last, layer: 1)]), try decode(model, [add(v, .last, layer: 2)]))
    }

    /// Code that divides by the number of key-value heads: head 4 of 6 query heads with 2 key-value heads is neither the
    /// key-value head 1 nor all three heads of its group.
    func testHeadsAreQueryHeads() throws {
        let model = try ReferenceModel.tiny("grouped").model
        XCTAssertEqual([model.configuration.heads, model.configuration.kvHeads], [6, 2])
        let v = gaussians(8, seed: 7)
        let plain = try model.pass(prompt, reads: [Read(.z(1), at: .all)], workers: workers)
        let edited = try model.pass(
            prompt, edits: [add(v, .all, head: 4)], reads: [Read(.z(1), at: .all)], workers: workers)
        for row in prompt.indices {
            let (before, after) = (plain.reads[0].values.row(row), edited.reads[0].values.row(row))
            let changed = Set(zip(before, after).enumerated().filter { $1.0 != $1.1 }.map { $0.offset / 8 })
            XCTAssertEqual(changed, [4], "row \(row)")
        }
        let right = try decode(model, [add(v, .last, head: 4)])
        XCTAssertNotEqual(right, try decode(model, [add(v, .last, head: 1)]), "the group's number as a head")
        XCTAssertNotEqual(right, try decode(model, (3..<6).map { add(v, .last, head: $0) }), "the whole group")
        let value = Edit(.value(1), head: 1, positions: .last, .add(v))
        XCTAssertNotEqual(right, try decode(model, [value]), "the values that the group shares")
    }

    /// ds4 issue 190: going on from a cached prefix must not steer it again. What is remembered was steered once, when it was
    /// computed.
    func testACachedPrefixIsNotSteeredAgain() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let v = gaussians(8, seed: 8)
        let edits = [add(v, .all, layer: 0)]
        let cached = Run(model, workers: workers)
        cached.sequences = [model.makeSequence(promptCount: prompt.count)]
        try cached.advance([Step(tokens: Array(prompt.dropLast()), edits: edits)])
        let prefix = cached.sequences[0]
        let expected = try decode(model, edits)
        for use in 0..<3 {
            let run = Run(model, workers: workers)
            run.sequences = [prefix]
            for (index, token) in ([prompt.last ?? 0] + completion).enumerated() {
                XCTAssertEqual(
                    try run.advance([Step(tokens: [token], edits: edits)])[0].logits.elements, expected[index],
                    "use \(use), token \(index)")
            }
        }
        let again = Edit.z(layer: 0, head: 2, positions: .range(from: 0, to: prompt.count - 1), .add(v))
        XCTAssertNotEqual(try decode(model, edits + [again])[0], expected[0], "steered again")
        XCTAssertFalse(prefix.isComputed(under: []))
        XCTAssertFalse(prefix.isComputed(under: edits + [again]))
    }

    /// `[-1]` is a row's last token only with padding on the left; and padding that is attended to changes the text.
    func testShortPromptsOfABatchNeedNoPadding() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let v = gaussians(8, seed: 9)
        let long = prompt + completion
        let run = Run(model, workers: workers)
        run.sequences = [long.count, prompt.count].map { model.makeSequence(promptCount: $0) }
        let rows = try run.advance([
            Step(sequence: 0, tokens: long, edits: [add(v, .last)]),
            Step(sequence: 1, tokens: prompt, edits: [add(v, .last)]),
        ])
        let right = try decode(model, [add(v, .last)])[0]
        XCTAssertEqual(rows[1].logits.elements, right, "the short row's own last token, at its own position")
        // Padded on the right, the longest row's last index is beyond the short row's text.
        let beyond = try decode(model, [add(v, .range(from: long.count - 1, to: long.count))])[0]
        XCTAssertEqual(beyond, try decode(model, [])[0], "not steered at all")
        XCTAssertNotEqual(beyond, right)
        // Padded on the left with nothing to hide the padding.
        let padded = [Int](repeating: 0, count: long.count - prompt.count) + prompt
        let result = try model.pass(padded, edits: [add(v, .last)], workers: workers)
        XCTAssertNotEqual(Array(result.logits.row(padded.count - 1)), right, "the padding is part of the text")
    }
}
