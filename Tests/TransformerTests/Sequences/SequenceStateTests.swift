import DataFiles
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Forks, cancellation, early stops and the limits of a sequence.
final class SequenceStateTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let prompt = [1, 31, 80, 67, 36, 15]

    private func run(_ model: LanguageModel) -> Run {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: prompt.count)]
        return run
    }

    /// Both copies go on as if each had come from the beginning; the cache grows past its first room on the way.
    func testFork() throws {
        for name in ReferenceModel.tinyNames {
            let model = try ReferenceModel.tiny(name).model
            let run = run(model)
            try run.advance([Step(tokens: prompt)])
            run.sequences.append(run.sequences[0])
            let continuations = [(0..<40).map { 3 + $0 }, (0..<40).map { 60 - $0 }]
            let edits = [[], [Edit.z(layer: 1, head: 1, positions: .generated, .scale(-2))]]
            for step in 0..<40 {
                // In turns, together, and one of them alone.
                let steps = (0..<2).map {
                    Step(sequence: $0, tokens: [continuations[$0][step]], edits: edits[$0])
                }
                let results =
                    step % 3 == 0
                    ? try run.advance(steps) : try steps.reversed().map { try run.advance([$0])[0] }.reversed()
                guard step == 0 || step == 39 else { continue }
                for branch in 0..<2 {
                    let tokens = prompt + continuations[branch].prefix(step + 1)
                    let scratch = Run(model, workers: workers)
                    scratch.sequences = [model.makeSequence(promptCount: prompt.count)]
                    let expected = try scratch.advance([Step(tokens: tokens, edits: edits[branch], logits: .all)])[0]
                    assertClose(
                        results[branch].logits.elements, Array(expected.logits.row(tokens.count - 1)), absolute: 2e-5,
                        "\(name), branch \(branch), step \(step)")
                    XCTAssertEqual(run.sequences[branch].tokens, tokens)
                }
            }
        }
    }

    /// A copy that is kept aside doesn't see what happens to the other.
    func testACopyStaysAsItWas() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let run = run(model)
        try run.advance([Step(tokens: prompt)])
        let kept = run.sequences[0]
        let first = try run.advance([Step(tokens: [7])])[0].logits
        try run.advance([Step(tokens: [8])])
        XCTAssertEqual(kept.tokens, prompt)
        run.sequences[0] = kept
        XCTAssertEqual(try run.advance([Step(tokens: [7])])[0].logits, first)
        let other = Run(model, workers: workers)
        other.sequences = [kept]
        XCTAssertEqual(try other.advance([Step(tokens: [7])])[0].logits, first, "in another run")
    }

    /// Cancelled at any layer of any pass, the sequences are what they were, and another try gives the same bits.
    func testCancellation() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let undisturbed = run(model)
        let expectedPrompt = try undisturbed.advance([Step(tokens: prompt, logits: .all)])[0].logits
        let expectedNext = try undisturbed.advance([Step(tokens: [9])])[0].logits
        for layers in 0..<3 {
            let run = run(model)
            for tokens in [prompt, [9]] {
                var asked = 0
                run.isCancelled = {
                    asked += 1
                    return asked > layers
                }
                let before = run.sequences[0].tokens
                XCTAssertThrowsError(try run.advance([Step(tokens: tokens, edits: [], logits: .all)])) {
                    XCTAssertTrue($0 is CancellationError, "\($0)")
                }
                XCTAssertEqual(asked, layers + 1)
                XCTAssertEqual(run.sequences[0].tokens, before, "cancelled after \(layers) layers")
                run.isCancelled = { false }
                let again = try run.advance([Step(tokens: tokens, logits: .all)])[0].logits
                XCTAssertEqual(again, tokens == prompt ? expectedPrompt : expectedNext, "after \(layers) layers")
            }
        }
    }

    /// Cancelled in the second of two passes, nothing of the first is left.
    func testCancellationBetweenPasses() throws {
        let folder = try copyOfTinyModel(
            "llama2-like", into: makeTemporaryFolder(),
            changing: ["max_position_embeddings": 1024, "num_hidden_layers": 1])
        let model = try LanguageModel(contentsOf: folder)
        let run = Run(model, workers: workers)
        let sequences = 130
        run.sequences = (0..<sequences).map { _ in model.makeSequence(promptCount: 4) }
        var asked = 0
        run.isCancelled = {
            asked += 1
            return asked == 2
        }
        XCTAssertThrowsError(try run.advance((0..<sequences).map { Step(sequence: $0, tokens: [1, 2, 3, 4]) }))
        XCTAssertEqual(run.sequences.map(\.count), [Int](repeating: 0, count: sequences))
        let results = try run.advance((0..<sequences).map { Step(sequence: $0, tokens: [1, 2, 3, 4]) })
        assertClose(
            results[sequences - 1].logits.elements, try model.pass([1, 2, 3, 4], workers: workers).logits.row(3),
            absolute: 1e-5, "the last sequence")
    }

    func testStoppingAfterALayer() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let sites = [
            Site.residualPre(0), .z(0), .residualPost(0), .residualPost(1), .residualPost(2), .finalNorm, .logits,
        ]
        let whole = try model.pass(prompt, reads: sites.map { Read($0, at: .all) }, workers: workers)
        for depth in 0...3 {
            let run = run(model)
            let result = try run.advance(
                [Step(tokens: prompt, reads: sites.map { Read($0, at: .all) }, logits: .all)], stoppingAfter: depth)[0]
            XCTAssertEqual(result.logits.rows, depth == 3 ? prompt.count : 0, "logits after \(depth) blocks")
            for read in result.reads {
                let site = read.read.site
                let isReached = depth == 3 || (site.layer ?? 3) < depth
                XCTAssertEqual(read.positions.count, isReached ? prompt.count : 0, "\(site) after \(depth) blocks")
                if isReached { XCTAssertEqual(read.values, whole[site]?.values, "\(site) after \(depth) blocks") }
            }
        }
    }

    func testLimits() throws {
        let model = try ReferenceModel.tiny("grouped").model
        XCTAssertEqual(model.configuration.context, 256)
        let run = run(model)
        func check(_ tokens: [Int], _ words: String, line: UInt = #line) {
            let before = run.sequences[0].tokens
            XCTAssertThrowsError(try run.advance([Step(tokens: tokens)]), line: line) { error in
                XCTAssertEqual((error as? InputError)?.kind, .badData, "\(error)", line: line)
                XCTAssertTrue("\(error)".contains(words), "\(error) should say \(words)", line: line)
                XCTAssertTrue("\(error)".contains("grouped"), "\(error) should name the model", line: line)
            }
            XCTAssertEqual(run.sequences[0].tokens, before, line: line)
        }
        check([96], "96")
        check([-1], "-1")
        check([1, .max], "\(Int.max)")
        check([Int](repeating: 1, count: 257), "257 tokens, more than the model's context of 256")
        try run.advance([Step(tokens: [Int](repeating: 3, count: 255), logits: nil)])
        try run.advance([Step(tokens: [4])])
        check([4], "257 tokens")
        XCTAssertEqual(run.sequences[0].count, 256)
    }
}
