import TensorCore
import Transformer
import XCTest
import _TestSupport

/// What an edit does to the rest of the pass, against the model's own linear parts.
final class EditEffectTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let tokens = [1, 31, 80, 67, 36, 15, 75]

    /// z is the input of the output projection: v added there is W_O[:, h]·v added behind it.
    func testAddAtZIsItsProjectionAddedAtTheOutput() throws {
        for reference in try [ReferenceModel.tiny("grouped"), .tiny("llama2-like"), .tinyGGUF()] {
            let model = reference.model
            let size = model.configuration.headSize
            for (layer, head) in [(0, 0), (1, 3), (2, model.configuration.heads - 1)] {
                let v = gaussians(size, seed: UInt64(head) + 1)
                let projection = model.outputProjection(layer: layer, head: head)
                XCTAssertEqual(projection.rows, model.configuration.width)
                XCTAssertEqual(projection.columns, size)
                let projected = (0..<projection.rows).map { row in
                    Float(zip(projection.row(row), v).reduce(0.0) { $0 + Double($1.0) * Double($1.1) })
                }
                let reads = [Read(.attentionOut(layer), at: .all), Read(.residualPost(2), at: .all)]
                let atZ = try model.pass(
                    tokens, edits: [.z(layer: layer, head: head, positions: .all, .add(v))], reads: reads,
                    workers: workers)
                let atOutput = try model.pass(
                    tokens, edits: [Edit(.attentionOut(layer), positions: .all, .add(projected))], reads: reads,
                    workers: workers)
                for read in reads {
                    assertClose(
                        atZ[read.site]?.values.elements ?? [], atOutput[read.site]?.values.elements ?? [],
                        relative: 2e-6, "\(reference.name), head \(layer).\(head), \(read.site)")
                }
                assertClose(
                    atZ.logits.elements, atOutput.logits.elements, relative: 5e-6,
                    "\(reference.name), head \(layer).\(head), logits")
            }
        }
    }

    /// The same values in the residual stream, by whichever of the sites between two blocks they come in.
    func testAddToTheResidualStream() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let v = gaussians(model.configuration.width, seed: 5)
        func logits(_ site: Site) throws -> [Float] {
            try model.pass(tokens, edits: [Edit(site, positions: .all, .add(v))], workers: workers).logits.elements
        }
        let expected = try logits(.residualPost(1))
        for site in [Site.residualPre(2), .mlpOut(1)] {
            assertClose(try logits(site), expected, relative: 5e-6, "\(site) and blocks.1.hook_resid_post")
        }
        assertClose(try logits(.residualMid(1)), try logits(.attentionOut(1)), relative: 5e-6, "before the MLP")
        XCTAssertGreaterThan(Difference(try logits(.residualMid(1)), expected).value, 0.01, "the MLP sees the one only")
    }

    /// At position 0 each head attends to itself alone: z is the value of its group's key-value head.
    func testEditedValuesReachTheHeadsOfTheirGroup() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let v = gaussians(8, seed: 6)
        let reads = [Read(.z(1), at: .all), Read(.value(1), at: .all), Read(.pattern(1), at: .all)]
        let plain = try model.pass(tokens, reads: reads, workers: workers)
        let edited = try model.pass(
            tokens, edits: [Edit(.value(1), head: 1, positions: .all, .add(v))], reads: reads, workers: workers)
        XCTAssertEqual(plain[.pattern(1)]?.values, edited[.pattern(1)]?.values)
        let before = try XCTUnwrap(plain[.z(1)]).values
        let after = try XCTUnwrap(edited[.z(1)]).values
        for row in 0..<tokens.count {
            for head in 0..<6 {
                let range = (head * 8)..<((head + 1) * 8)
                // A pattern's row sums to 1, so the same v for all positions is mixed into v.
                let expected = head < 3 ? before.values(row: row, range) : zip(before.values(row: row, range), v).map(+)
                assertClose(after.values(row: row, range), expected, absolute: 2e-6, "row \(row), head \(head)")
            }
        }
    }

    /// An edit of keys, values or queries at one position, against attention computed from the values that were read.
    func testAttentionIsComputedFromEditedKeysValuesAndQueries() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let edits = [
            Edit(.rotatedKey(1), head: 0, positions: .range(from: 2, to: 4), .add(gaussians(8, seed: 7))),
            Edit(.value(1), head: 1, positions: .range(from: 0, to: 1), .scale(-3)),
            Edit(.rotatedQuery(1), head: 4, positions: .range(from: 5, to: 7), .add(gaussians(8, seed: 8))),
        ]
        let sites = [Site.rotatedQuery(1), .rotatedKey(1), .value(1), .pattern(1), .z(1)]
        let result = try model.pass(tokens, edits: edits, reads: sites.map { Read($0, at: .all) }, workers: workers)
        let (q, k, v) = (result.reads[0].values, result.reads[1].values, result.reads[2].values)
        let count = tokens.count
        var patterns: [Float] = []
        var z: [Float] = []
        for row in 0..<count {
            for head in 0..<6 {
                let query = q.values(row: row, (head * 8)..<((head + 1) * 8)).map(Double.init)
                let group = (head / 3 * 8)..<((head / 3 + 1) * 8)
                let weights = (0...row).map { key in
                    exp(zip(query, k.values(row: key, group)).reduce(0) { $0 + $1.0 * Double($1.1) } / 8.squareRoot())
                }
                let sum = weights.reduce(0, +)
                patterns += weights.map { Float($0 / sum) } + [Float](repeating: 0, count: count - 1 - row)
                z += (0..<8).map { i in
                    Float((0...row).reduce(0.0) { $0 + weights[$1] / sum * Double(v[$1, group.lowerBound + i]) })
                }
            }
        }
        assertClose(result.reads[3].values.elements, patterns, absolute: 2e-6, "patterns")
        assertClose(result.reads[4].values.elements, z, relative: 2e-6, "z")
    }

    /// The end of the model: logits are W·finalNorm, and an edit of them is what sampling sees.
    func testEditsBehindTheLastBlock() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let bias = gaussians(model.configuration.vocabulary, seed: 9)
        let plain = try model.pass(tokens, workers: workers)
        let edited = try model.pass(
            tokens, edits: [Edit(.logits, positions: .last, .add(bias))], reads: [Read(.logits, at: .all)],
            workers: workers)
        XCTAssertEqual(edited[.logits]?.values, edited.logits, "what was read and what was asked for")
        for row in 0..<tokens.count {
            let expected =
                row == tokens.count - 1 ? zip(plain.logits.row(row), bias).map(+) : Array(plain.logits.row(row))
            XCTAssertEqual(Array(edited.logits.row(row)), expected, "row \(row)")
        }
        let doubled = try model.pass(
            tokens, edits: [Edit(.finalNorm, positions: .all, .scale(2))], workers: workers)
        XCTAssertEqual(doubled.logits.elements, plain.logits.elements.map { 2 * $0 }, "doubling is exact")
    }

    /// mlpPost is the input of the down projection: without it the MLP adds nothing (this model has no bias there).
    func testZeroAtMLPPost() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let result = try model.pass(
            tokens, edits: [Edit(.mlpPost(1), positions: .range(from: 0, to: 3), .zero)],
            reads: [Read(.mlpOut(1), at: .all), Read(.residualMid(1), at: .all), Read(.residualPost(1), at: .all)],
            workers: workers)
        let (out, mid, post) = (result.reads[0].values, result.reads[1].values, result.reads[2].values)
        for row in 0..<tokens.count {
            XCTAssertEqual(out.row(row).allSatisfy { $0 == 0 }, row < 3, "row \(row)")
            XCTAssertEqual(Array(mid.row(row)) == Array(post.row(row)), row < 3, "row \(row)")
        }
    }

    /// Nothing to do is nothing done, to the bit.
    func testEditsWithoutEffect() throws {
        for name in ReferenceModel.tinyNames {
            let model = try ReferenceModel.tiny(name).model
            let size = model.configuration.headSize
            let plain = try model.pass(tokens, workers: workers).logits
            let zeros = [Float](repeating: 0, count: size)
            for edits in [
                [Edit.z(layer: 1, head: 0, positions: .all, .add(zeros))],
                [.z(layer: 1, head: 0, positions: .all, .scale(1)), Edit(.residualPre(0), positions: .all, .scale(1))],
                [.z(layer: 1, head: 2, positions: .all, .rotate(unitVector(size, seed: 1), degrees: 0))],
                [.z(layer: 1, head: 0, positions: .generated, .zero)],
                [.z(layer: 1, head: 0, positions: .tokens([5]), .zero)],
            ] {
                XCTAssertEqual(try model.pass(tokens, edits: edits, workers: workers).logits, plain, "\(name) \(edits)")
            }
        }
    }

    /// Each sequence of a batch has its own edits; the others keep their bits.
    func testEditsOfOneSequenceLeaveTheOthersAlone() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let prompts = [[1, 31, 90], [1, 5, 6, 7, 8], [1, 31, 90]]
        func advance(_ edits: [[Edit]]) throws -> [[[Float]]] {
            let run = Run(model, workers: workers)
            run.sequences = prompts.map { model.makeSequence(promptCount: $0.count) }
            var results: [[[Float]]] = []
            for tokens in [prompts, [[4], [5], [4]]] {
                let step = tokens.enumerated().map { Step(sequence: $0, tokens: $1, edits: edits[$0], logits: .all) }
                results.append(try run.advance(step).map(\.logits.elements))
            }
            return results
        }
        let plain = try advance([[], [], []])
        let edit = [Edit.z(layer: 0, head: 1, positions: .all, .scale(-4))]
        for target in 0..<3 {
            var edits: [[Edit]] = [[], [], []]
            edits[target] = edit
            let edited = try advance(edits)
            for pass in 0..<2 {
                for sequence in 0..<3 {
                    XCTAssertEqual(
                        edited[pass][sequence] == plain[pass][sequence], sequence != target,
                        "pass \(pass), sequence \(sequence), edited \(target)")
                }
            }
        }
    }
}
