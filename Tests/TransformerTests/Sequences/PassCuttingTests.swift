import TensorCore
import XCTest
import _TestSupport

@testable import Transformer

/// However tokens are cut into passes and batches, the numbers are the same.
final class PassCuttingTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let edits = [
        Edit.z(layer: 0, head: 1, positions: .last, .scale(-2)), .z(layer: 1, head: 2, positions: .all, .zero),
        .z(layer: 2, head: 0, positions: .generated, .scale(3)), .z(layer: 2, head: 3, positions: .prompt, .scale(0.5)),
    ]

    /// The logits of all positions and z of the last layer, from passes of given lengths.
    private func run(
        _ model: LanguageModel, _ tokens: [Int], promptCount: Int, cut: [Int], edits: [Edit]
    ) throws -> (logits: [Float], z: [Float]) {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: promptCount)]
        var logits: [Float] = []
        var z: [Float] = []
        var start = 0
        let site = Site.z(model.configuration.layers - 1)
        for count in cut {
            let result = try run.advance([
                Step(
                    tokens: Array(tokens[start..<(start + count)]), edits: edits, reads: [Read(site, at: .all)],
                    logits: .all)
            ])[0]
            XCTAssertEqual(result.logitPositions, Array(start..<(start + count)))
            logits += result.logits.elements
            z += try XCTUnwrap(result[site]).values.elements
            start += count
        }
        XCTAssertEqual(start, tokens.count)
        XCTAssertEqual(run.sequences[0].tokens, tokens)
        return (logits, z)
    }

    func testPrefillInPieces() throws {
        for name in ReferenceModel.tinyNames {
            let reference = try ReferenceModel.tiny(name)
            let tokens = try reference.ids
            let whole = try run(reference.model, tokens, promptCount: 11, cut: [17], edits: edits)
            for cut in [[Int](repeating: 1, count: 17), [11, 1, 1, 1, 1, 1, 1], [9, 8], [1, 16], [2, 7, 8]] {
                let pieces = try run(reference.model, tokens, promptCount: 11, cut: cut, edits: edits)
                assertClose(pieces.logits, whole.logits, relative: 1e-5, "\(name) in \(cut): logits")
                assertClose(pieces.z, whole.z, relative: 1e-5, "\(name) in \(cut): z")
            }
        }
    }

    /// Longer than the rows of one pass: the run cuts by itself, with edits and reads on both sides of the cut.
    func testPromptLongerThanAPass() throws {
        let folder = try copyOfTinyModel(
            "llama2-like", into: makeTemporaryFolder(),
            changing: ["max_position_embeddings": 1024, "num_hidden_layers": 1])
        let model = try LanguageModel(contentsOf: folder)
        let count = Run.maximumRows + 40
        let tokens = (0..<count).map { 3 + ($0 * 7) % 80 }
        let edits = [Edit.z(layer: 0, head: 1, positions: .range(from: 500, to: 530), .scale(-2))]
        let whole = try run(model, tokens, promptCount: count, cut: [count], edits: edits)
        let pieces = try run(model, tokens, promptCount: count, cut: [300, 250, 1, 1], edits: edits)
        assertClose(pieces.logits, whole.logits, absolute: 1e-5, "logits")
        assertClose(pieces.z, whole.z, relative: 1e-5, "z")
    }

    /// 64 MB of buffers: 104 MB would be those of 512 rows in the shape of Llama-2-7B.
    func testWideModelsTakeFewerRowsInAPass() {
        func rows(heads: Int, headSize: Int, feedForward: Int) -> Int {
            let block = BlockDescription(
                attention: AttentionDescription(rotary: RotaryDescription(size: headSize, base: 10_000), scale: 0.125),
                mlp: .gated(.silu))
            return PassBuffers.mostRows(
                ModelConfiguration(
                    architecture: "llama", layers: 1, heads: heads, kvHeads: heads, headSize: headSize,
                    width: heads * headSize, feedForward: feedForward, vocabulary: 1000, context: 2048,
                    norm: NormDescription(.rms, epsilon: 1e-5), blocks: [block], tiedEmbeddings: true))
        }
        XCTAssertEqual(rows(heads: 9, headSize: 64, feedForward: 1536), Run.maximumRows, "SmolLM2-135M's shape")
        XCTAssertEqual(rows(heads: 32, headSize: 128, feedForward: 11008), 256, "Llama-2-7B's shape")
    }

    /// More sequences than the rows of one pass.
    func testBatchLargerThanAPass() throws {
        let model = try ReferenceModel.tiny("llama2-like").model
        let prompts = (0..<150).map { [1, 3 + $0 % 5, 7, 20] }
        let run = Run(model, workers: workers)
        run.sequences = prompts.map { model.makeSequence(promptCount: $0.count) }
        for tokens in [prompts, (0..<150).map { [30 + $0 % 5] }] {
            let results = try run.advance(tokens.enumerated().map { Step(sequence: $0, tokens: $1) })
            for (index, result) in results.enumerated() {
                XCTAssertEqual(result.logits.rows, 1, "sequence \(index)")
                assertClose(
                    result.logits.elements, results[index % 5].logits.elements, absolute: 1e-5,
                    "sequence \(index) and its like, after \(tokens[index])")
            }
            XCTAssertGreaterThan(
                Difference(results[0].logits.elements, results[1].logits.elements).value, 0.01, "different sequences")
        }
    }

    func testBatchOfDifferentLengths() throws {
        for name in ReferenceModel.tinyNames {
            let model = try ReferenceModel.tiny(name).model
            let prompts = [[1], [1, 31, 80, 67, 36, 15, 75, 40, 57], [4, 4], [1, 31, 80, 67, 5]]
            let continuations = [[9, 9], [8], [7, 6, 5], [4]]
            let reads = [Read(.z(2), at: .all), Read(.residualMid(1)), Read(.pattern(0), at: .all)]
            let together = Run(model, workers: workers)
            together.sequences = prompts.map { model.makeSequence(promptCount: $0.count) }
            let alone = prompts.map { prompt in
                let run = Run(model, workers: workers)
                run.sequences = [model.makeSequence(promptCount: prompt.count)]
                return run
            }
            for tokens in [prompts, continuations] {
                // In another order than the sequences'.
                let order = [2, 0, 3, 1]
                let results = try together.advance(
                    order.map { Step(sequence: $0, tokens: tokens[$0], edits: edits, reads: reads, logits: .all) })
                for (place, sequence) in order.enumerated() {
                    let expected = try alone[sequence].advance([
                        Step(tokens: tokens[sequence], edits: edits, reads: reads, logits: .all)
                    ])[0]
                    let what = "\(name), sequence \(sequence)"
                    XCTAssertEqual(results[place].logitPositions, expected.logitPositions, what)
                    assertClose(
                        results[place].logits.elements, expected.logits.elements, absolute: 1e-5, "\(what): logits")
                    for (actual, expected) in zip(results[place].reads, expected.reads) {
                        XCTAssertEqual(actual.positions, expected.positions, "\(what): \(actual.read.site)")
                        XCTAssertEqual(actual.values.columns, expected.values.columns, "\(what): \(actual.read.site)")
                        assertClose(
                            actual.values.elements, expected.values.elements, relative: 1e-5,
                            "\(what): \(actual.read.site)")
                    }
                }
            }
        }
    }

    func testSameBitsForAnyNumberOfWorkers() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let prompts = [(0..<90).map { 3 + ($0 * 11) % 90 }, [1, 2, 3]]
        let results = try [1, 2, 3].map { count in
            let run = Run(model, workers: WorkerPool(count: count))
            run.sequences = prompts.map { model.makeSequence(promptCount: $0.count) }
            let first = try run.advance(
                prompts.enumerated().map {
                    Step(sequence: $0, tokens: $1, edits: edits, reads: [Read(.z(2), at: .all)], logits: .all)
                })
            let second = try run.advance([
                Step(sequence: 1, tokens: [5], edits: edits), Step(sequence: 0, tokens: [6], edits: edits),
            ])
            return (first + second).map { $0.logits.elements.map(\.bitPattern) }
                + first.map { $0.reads[0].values.elements.map(\.bitPattern) }
        }
        XCTAssertEqual(results[1], results[0], "2 workers")
        XCTAssertEqual(results[2], results[0], "3 workers")
    }
}
