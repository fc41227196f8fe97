import DataFiles
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Variants of the last position against passes of their own, each from the beginning.
final class PromptVariantsTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let prompts = [[1, 31, 80, 67, 36], [5], [1, 7], [1, 31, 80, 67, 36, 15, 75, 40, 57, 60, 30, 36]]
    private let tokens = [[3, 9, 80], [9], [], [4, 3]]

    private func check(_ model: LanguageModel, _ edits: [[HeadEdit]], _ what: String, line: UInt = #line) throws {
        let variants = try PromptVariants(model, prompts: prompts, tokens: tokens, workers: workers)
        var progress: [Int] = []
        let logits = try variants.logits(of: edits) { progress.append($0) }
        XCTAssertEqual(progress.last ?? 0, edits.count, what, line: line)
        XCTAssertEqual(progress, progress.sorted(), what, line: line)
        XCTAssertEqual(logits.count, edits.count, what, line: line)
        for (variant, edits) in edits.enumerated() {
            XCTAssertEqual(logits[variant].map(\.count), tokens.map(\.count), what, line: line)
            for (index, prompt) in prompts.enumerated() {
                let pass = try model.pass(prompt, edits: edits.map { $0.at(.last) }, workers: workers)
                let last = Array(pass.logits.row(prompt.count - 1))
                assertClose(
                    logits[variant][index], tokens[index].map { last[$0] }, absolute: 2e-5,
                    "\(what), variant \(variant), prompt \(index)", line: line)
            }
        }
    }

    func testVariantsArePassesWithEdits() throws {
        for reference in try ReferenceModel.tinyNames.map(ReferenceModel.tiny) + [.tinyGGUF()] {
            let c = reference.model.configuration
            func add(_ layer: Int, _ head: Int, _ seed: UInt64) -> HeadEdit {
                HeadEdit(layer: layer, head: head, .add(gaussians(c.headSize, seed: seed, scale: 2)))
            }
            try check(
                reference.model,
                [
                    [], [add(2, 3, 1)], [add(0, 0, 2)], [add(1, 1, 3), add(0, 2, 4), add(2, c.heads - 1, 5)],
                    [
                        HeadEdit(layer: 1, head: 0, .scale(-2)),
                        HeadEdit(layer: 1, head: 0, .add(gaussians(c.headSize, seed: 6))),
                    ],
                    [HeadEdit(layer: 1, head: 2, .zero), HeadEdit(layer: 0, head: 0, .scale(1))],
                    [HeadEdit(layer: 0, head: 0, .scale(1))],
                    [HeadEdit(layer: 2, head: 1, .reflect(unitVector(c.headSize, seed: 7)))],
                ], reference.name)
        }
    }

    /// More variants than fit into one pass, of all layers in turn.
    func testManyVariants() throws {
        let model = try ReferenceModel.tiny("llama2-like").model
        let c = model.configuration
        let variants = (0..<300).map { index in
            [HeadEdit(layer: index % 3, head: index / 3 % c.heads, .scale(Float(index % 4) - 2))]
        }
        let batch = try PromptVariants(model, prompts: prompts, tokens: tokens, workers: workers)
        let logits = try batch.logits(of: variants)
        for index in variants.indices {
            // Variants 12 apart have the same head; 4 apart the same factor.
            let like = index % 12
            for (actual, expected) in zip(logits[index], logits[like]) {
                assertClose(actual, expected, absolute: 2e-5, "variant \(index), which is the same as \(like)")
            }
        }
        try check(model, Array(variants[..<12]), "the first twelve")
    }

    func testSameBitsForAnyNumberOfWorkers() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let variants = (0..<40).map { [HeadEdit(layer: $0 % 3, head: $0 % 6, .scale(Float($0)))] }
        let results = try [1, 2, 3].map { count in
            try PromptVariants(model, prompts: prompts, tokens: tokens, workers: WorkerPool(count: count))
                .logits(of: variants).map { $0.map { $0.map(\.bitPattern) } }
        }
        XCTAssertEqual(results[1], results[0], "2 workers")
        XCTAssertEqual(results[2], results[0], "3 workers")
    }

    func testCancellationAndBadTokens() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let variants = try PromptVariants(model, prompts: prompts, tokens: tokens, workers: workers)
        let edits = [[HeadEdit(layer: 1, head: 1, .zero)], []]
        let expected = try variants.logits(of: edits)
        var asked = 0
        variants.isCancelled = {
            asked += 1
            return asked > 2
        }
        XCTAssertThrowsError(try variants.logits(of: edits)) { XCTAssertTrue($0 is CancellationError, "\($0)") }
        variants.isCancelled = { false }
        XCTAssertEqual(try variants.logits(of: edits), expected, "after a cancelled call")
        for (prompts, tokens) in [
            ([[1, 96]], [[1]]), ([[1]], [[96]]), ([[1]], [[-1]]), ([[Int](repeating: 1, count: 257)], [[1]]),
        ] {
            XCTAssertThrowsError(try PromptVariants(model, prompts: prompts, tokens: tokens, workers: workers)) {
                XCTAssertTrue($0 is InputError, "\($0)")
            }
        }
    }
}
