import Foundation
import TensorCore
import XCTest
import _TestSupport

@testable import Transformer

/// A pass that begins at a later block with what an unedited one has there gives the bits of the whole pass.
final class LateStartTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let texts = [[5, 9, 21, 7, 30], [11, 2, 8]]

    private func newRun(_ model: LanguageModel) -> Run {
        let run = Run(model, workers: workers)
        run.sequences = texts.map { _ in model.makeSequence(promptCount: 2) }
        return run
    }

    private func steps(_ edits: [Edit], reads: [Read] = []) -> [Step] {
        texts.enumerated().map {
            Step(sequence: $0.offset, tokens: $0.element, edits: edits, reads: reads, logits: .all)
        }
    }

    /// In every family, at every block, with edits of several sites and a gate.
    func testSameBitsAsTheWholePass() throws {
        let families = try FixtureLocation.families()
        XCTAssertGreaterThan(families.count, 15)
        for folder in families {
            let name = folder.lastPathComponent
            let model = try LanguageModel(contentsOf: folder)
            let c = model.configuration
            let layers = 1..<c.layers
            let reads = layers.map { Read(.residualPre($0), at: .all) }
            let whole = try newRun(model).advance(steps([], reads: reads))
            for layer in layers {
                let wide = (0..<c.width).map { Float($0 % 5) - 2 }
                let direction = [Float](repeating: 0.3, count: c.headSize)
                let edits = [
                    Edit.z(layer: layer, head: 1, positions: .last, .scale(-2)),
                    Edit(
                        .mlpOut(c.layers - 1), positions: .all,
                        gate: Gate(.z(layer), head: 0, direction: direction, threshold: 0), .add(wide)),
                    Edit(.residualPre(layer), positions: .generated, .scale(1.5)),
                ]
                XCTAssertEqual(edits.map { $0.firstLayer(of: c.layers) }, [layer, layer, layer])
                let expected = try newRun(model).advance(steps(edits))
                let start = ResidualStart(
                    layer: layer, residual: whole.map { $0.reads[layer - 1].values })
                let run = newRun(model)
                let late = try run.advance(steps(edits), from: start)
                for (text, (own, other)) in zip(late, expected).enumerated() {
                    XCTAssertEqual(own.logitPositions, other.logitPositions)
                    assertClose(
                        own.logits.elements, other.logits.elements, relative: 0, "\(name), layer \(layer), text \(text)"
                    )
                    XCTAssertNotEqual(
                        own.logits.elements, whole[text].logits.elements, "\(name): the edits do something")
                }
                XCTAssertThrowsError(
                    try run.advance([Step(sequence: 0, tokens: [1], edits: edits)]), "nothing is there to go on from"
                ) { XCTAssertTrue("\($0)".contains("first \(layer) blocks"), "\($0)") }
                try assertGoesOn(run, edits: edits, layer: layer, name)
            }
        }
    }

    /// A sequence that began late goes on in the same way, and a copy of it, too.
    private func assertGoesOn(_ run: Run, edits: [Edit], layer: Int, _ name: String) throws {
        let model = run.model
        let next = [13, 6]
        let whole = newRun(model)
        _ = try whole.advance(steps(edits))
        let expected = try whole.advance([Step(sequence: 0, tokens: next, edits: edits, logits: .all)])[0]
        let unedited = newRun(model)
        _ = try unedited.advance(steps([]))
        let stream = try unedited.advance([
            Step(sequence: 0, tokens: next, reads: [Read(.residualPre(layer), at: .all)])
        ])
        run.sequences.append(run.sequences[0])
        let start = ResidualStart(layer: layer, residual: [0, 0].map { stream[$0].reads[0].values })
        let late = try run.advance(
            [0, run.sequences.count - 1].map { Step(sequence: $0, tokens: next, edits: edits, logits: .all) },
            from: start)
        for (copy, result) in late.enumerated() {
            assertClose(
                result.logits.elements, expected.logits.elements, relative: 0, "\(name), layer \(layer), copy \(copy)")
        }
        XCTAssertThrowsError(
            try run.advance(
                [Step(sequence: 0, tokens: [1], edits: edits)],
                from: ResidualStart(layer: layer - 1, residual: [Matrix(rows: 1, columns: model.configuration.width)])),
            "from an earlier block")
    }

    func testWhereEditsBegin() {
        let gate = Gate(.z(1), head: 0, direction: [1], threshold: 0)
        for (edit, expected) in [
            (Edit.z(layer: 3, head: 0, positions: .last, .zero), 3),
            (Edit(.mlpOut(4), positions: .last, gate: gate, .zero), 1),
            (Edit(.finalNorm, positions: .last, .scale(2)), 6),
            (Edit(.logits, positions: .last, gate: gate, .scale(2)), 1),
            (Edit.z(layer: 0, head: 0, positions: .last, .scale(1)), 6),
        ] {
            XCTAssertEqual(edit.firstLayer(of: 6), expected, "\(edit)")
        }
        // Of several the first counts; the last block is always computed. Reads come after edits of their site.
        let last = Edit(.logits, positions: .last, .scale(2))
        let stream = Edit(.residualPre(3), positions: .last, .scale(2))
        let z = Edit.z(layer: 3, head: 0, positions: .last, .zero)
        for (edits, first, read) in [
            ([], 5, 5), ([last], 5, 5), ([last, z], 3, 3), ([z, stream], 3, 2), ([stream], 3, 2),
        ] {
            XCTAssertEqual(edits.firstLayer(of: 6), first, "\(edits)")
            XCTAssertEqual(edits.lastUneditedRead(of: 6), read, "\(edits)")
        }
    }
}
