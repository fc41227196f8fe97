import DataFiles
import Gradients
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// What a gradient run promises besides being right.
final class GradientRunTests: XCTestCase {
    func testSameBitsForAnyNumberOfWorkers() throws {
        for name in ["grouped", "gemma2", "qwen3_moe"] {
            let reference = try GradientReference(name)
            let reads = Site.all(reference.model.configuration).map { Read($0, at: .all) }
            let text = try reference.text(edits: reference.edits(), reads: reads)
            var short = text
            short.tokens.removeLast(2)
            short.objective = .logitDifference([3], [4])
            let expected = try GradientRun(reference.model, workers: WorkerPool(count: 1)).gradients(of: [text, short])
            for count in [2, 3] {
                let found = try GradientRun(reference.model, workers: WorkerPool(count: count))
                    .gradients(of: [text, short])
                for (a, b) in zip(found, expected) {
                    XCTAssertEqual(a.objective, b.objective, name)
                    for (a, b) in zip(a.reads, b.reads) {
                        XCTAssertEqual(a.gradients, b.gradients, "\(name) with \(count) workers: \(a.read.site)")
                        XCTAssertEqual(a.values, b.values, "\(name) with \(count) workers: \(a.read.site)")
                    }
                }
            }
        }
    }

    /// Texts of a batch don't see each other.
    func testBatchesAreTextsAlone() throws {
        let reference = try GradientReference("grouped")
        let reads = (0..<3).map { Read(.z($0), at: .all) } + [Read(.key(1), at: .prompt)]
        let texts = try (1...20).map { count in
            var text = try reference.text(edits: count.isMultiple(of: 2) ? reference.edits() : [], reads: reads)
            text.tokens = Array(text.tokens.suffix(20 + count))
            text.promptCount = 18 + count
            text.objective = Objective.logitDifference([5], [9, 11])
            return text
        }
        let run = GradientRun(reference.model, workers: WorkerPool(count: 2))
        var progress: [Int] = []
        let together = try run.gradients(of: texts) { progress.append($0) }
        XCTAssertEqual(progress, [17, 20], "passes of whole texts, up to 512 positions")
        for (index, text) in texts.enumerated() {
            let alone = try run.gradients(of: [text])[0]
            XCTAssertEqual(together[index].objective, alone.objective, "text \(index)")
            for (a, b) in zip(together[index].reads, alone.reads) {
                XCTAssertEqual(a.positions, b.positions)
                XCTAssertEqual(a.gradients, b.gradients, "text \(index): \(a.read.site)")
            }
        }
    }

    /// Less that is asked for is the same in less time: the backward pass ends earlier.
    func testFewerReadsAreTheSame() throws {
        let reference = try GradientReference("grouped")
        let run = GradientRun(reference.model, workers: WorkerPool(count: 2))
        let all = try run.gradients(of: [reference.text(reads: (0..<3).map { Read(.z($0), at: .all) })])[0]
        for layer in 0..<3 {
            let one = try run.gradients(of: [reference.text(reads: [Read(.z(layer), at: .last)])])[0]
            let (few, many) = try (XCTUnwrap(one[.z(layer)]), XCTUnwrap(all[.z(layer)]))
            XCTAssertEqual(few.gradients.elements, Array(many.gradients.elements.suffix(few.gradients.elements.count)))
        }
        let none = try run.gradients(of: [reference.text()])[0]
        XCTAssertEqual(none.objective, all.objective)
        XCTAssertEqual(none.reads.count, 0)
    }

    /// The values are those of an ordinary run.
    func testValuesAreThoseOfARun() throws {
        let reference = try GradientReference("gemma3")
        let c = reference.model.configuration
        let workers = WorkerPool(count: 2)
        // The pattern is computed anew in the backward pass, in another order.
        let sites = Site.all(c).filter { $0.kind != .pattern }
        let text = try reference.text(reads: sites.map { Read($0) })
        let found = try GradientRun(reference.model, workers: workers).gradients(of: [text])[0]
        let run = Run(reference.model, workers: workers)
        run.sequences = [reference.model.makeSequence(promptCount: text.promptCount)]
        let expected = try run.advance([Step(tokens: text.tokens, reads: text.reads, logits: nil)])[0]
        for (a, b) in zip(found.reads, expected.reads) {
            XCTAssertEqual(a.positions, b.positions)
            XCTAssertEqual(a.values, b.values, "\(a.read.site)")
        }
    }

    /// An edit's parameters: central differences of the objective along random directions.
    func testParametersOfEdits() throws {
        let reference = try GradientReference("grouped")
        let c = reference.model.configuration
        let run = GradientRun(reference.model, workers: WorkerPool(count: 2))
        var random = SeededGenerator(seed: 3)
        let head = 4
        func vector(_ mean: Double, _ scale: Double) -> [Float] {
            (0..<c.headSize).map { _ in Float(mean + scale * random.gaussian()) }
        }
        let (m, v) = (vector(1, 0.3), vector(0, 0.5))
        let (dm, dv) = (vector(0, 1), vector(0, 1))
        func text(_ step: Float) throws -> GradientText {
            let moved = { (x: [Float], d: [Float]) in zip(x, d).map { $0 + step * $1 } }
            return try reference.text(
                edits: [
                    .z(layer: 1, head: head, positions: .last, .multiply(moved(m, dm))),
                    .z(layer: 1, head: head, positions: .last, .add(moved(v, dv))),
                ], reads: [Read(.z(1))])
        }
        let z = try XCTUnwrap(run.gradients(of: [text(0)])[0][.z(1)])
        var derivative = 0.0
        for row in 0..<z.positions.count {
            let own = (head * c.headSize)..<((head + 1) * c.headSize)
            let (value, gradient) = (Array(z.values.row(row))[own], Array(z.gradients.row(row))[own])
            for (i, (x, g)) in zip(value, gradient).enumerated() {
                derivative += Double(g) * (Double(dv[i]) + Double(dm[i]) * Double(x))
            }
        }
        let h: Float = 4e-3
        let results = try run.gradients(of: [text(h), text(-h)])
        let difference = (results[0].objective - results[1].objective) / (2 * Double(h))
        XCTAssertEqual(derivative, difference, accuracy: 2e-3 * abs(difference), "along the parameters")
    }

    /// A layer that passes no gradient on is one whose outputs are held at what they are.
    func testADroppedLayerIsAConstant() throws {
        for name in ["grouped", "gpt_neox"] {
            let reference = try GradientReference(name)
            let run = GradientRun(reference.model, workers: WorkerPool(count: 2))
            let outputs: [Site] = [.attentionOut(1), .mlpOut(1)]
            let before = try run.gradients(of: [reference.text(reads: outputs.map { Read($0, at: .all) })])[0]
            let constant = before.reads.flatMap { read in
                read.positions.indices.map { row in
                    Edit(
                        read.read.site, positions: .range(from: row, to: row + 1),
                        .replace(Array(read.values.row(row))))
                }
            }
            let reads = [Read(.residualPre(0), at: .all), Read(.z(0), at: .all), Read(.z(1), at: .all)]
            let expected = try run.gradients(of: [reference.text(edits: constant, reads: reads)])[0]
            run.droppedLayer = 1
            let found = try run.gradients(of: [reference.text(reads: reads)])[0]
            for (a, b) in zip(found.reads, expected.reads) {
                assertClose(a.gradients.elements, b.gradients.elements, relative: 1e-5, "\(name): \(a.read.site)")
            }
            XCTAssert(found.reads[2].gradients.elements.allSatisfy { $0 == 0 }, "\(name): its own heads")
            XCTAssert(found.reads[1].gradients.elements.contains { $0 != 0 }, "\(name): the layer before")
        }
    }

    func testFastPrecisionGivesNearlyTheSame() throws {
        let reference = try GradientReference("grouped")
        var fast = reference.model
        fast.precision = .fast
        let text = try reference.text(reads: [Read(.z(0), at: .all)])
        let workers = WorkerPool(count: 2)
        let exact = try XCTUnwrap(GradientRun(reference.model, workers: workers).gradients(of: [text])[0][.z(0)])
        let found = try XCTUnwrap(GradientRun(fast, workers: workers).gradients(of: [text])[0][.z(0)])
        assertClose(found.gradients.elements, exact.gradients.elements, relative: 1e-2, "fast")
    }

    func testWhatHasNoDerivativeIsRefused() throws {
        let reference = try GradientReference("grouped")
        let size = reference.model.configuration.headSize
        let run = GradientRun(reference.model, workers: WorkerPool(count: 1))
        let unit = [Float](repeating: 0, count: size - 1) + [1]
        let edits: [(Edit, String)] = [
            (.z(layer: 0, head: 0, positions: .all, .rotate(unit, degrees: 10)), "a rotation"),
            (.z(layer: 0, head: 0, positions: .all, .custom { _, _ in }), "a custom edit"),
            (Edit(.z(0), head: 0, positions: .all, keepsNorm: true, .add(unit)), "keeps the norm"),
            (
                Edit(
                    .z(0), head: 0, positions: .all,
                    gate: Gate(.z(0), head: 0, direction: unit, threshold: 0), .add(unit)), "a gated edit"
            ),
            (Edit(.logits, positions: .all, .scale(2)), "the objective"),
            (.z(layer: 9, head: 0, positions: .all, .zero), "its layers are 0 to 2"),
            (.z(layer: 0, head: 0, positions: .all, .multiply([1, 2])), "it needs \(size)"),
        ]
        for (edit, words) in edits {
            XCTAssertThrowsError(try run.gradients(of: [reference.text(edits: [edit])])) {
                XCTAssert("\($0)".contains(words), "\($0)")
            }
        }
        var text = try reference.text()
        text.objective = .logitDifference([100_000], [])
        XCTAssertThrowsError(try run.gradients(of: [text])) { XCTAssert("\($0)".contains("100000"), "\($0)") }
        text.objective = .custom { rows in LogitGradient(value: 0, gradient: Matrix(rows: 1, columns: 1)) }
        XCTAssertThrowsError(try run.gradients(of: [text])) { XCTAssert("\($0)".contains("1 × 1"), "\($0)") }
        text.promptCount = 0
        XCTAssertThrowsError(try run.gradients(of: [text])) { XCTAssert("\($0)".contains("prompt"), "\($0)") }
    }

    func testCancellation() throws {
        let reference = try GradientReference("grouped")
        let run = GradientRun(reference.model, workers: WorkerPool(count: 1))
        // Three blocks forward, one of three back.
        for calls in [1, 4] {
            var count = 0
            run.isCancelled = {
                count += 1
                return count > calls
            }
            XCTAssertThrowsError(try run.gradients(of: [reference.text(reads: [Read(.residualPre(0))])])) {
                XCTAssert($0 is CancellationError, "\($0)")
            }
            XCTAssertEqual(count, calls + 1)
        }
    }
}
