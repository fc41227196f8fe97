import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Which positions an edit reaches doesn't depend on how a text comes about: prefill in one pass or in pieces, decode,
/// batches, teacher-forced scoring and forks all give the bits of the whole text computed from scratch.
final class OneDefinitionOfLastTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let text = [1, 31, 80, 67, 36, 15, 75, 8, 40, 5, 71, 67, 31, 3]
    private let promptCount = 6

    private func eachKind(
        _ names: [String] = ReferenceModel.tinyNames, _ body: (LanguageModel, EditKinds, String) throws -> Void
    ) throws {
        for name in names {
            let model = try ReferenceModel.tiny(name).model
            for kind in EditKinds.all(model.configuration) { try body(model, kind, "\(name), \(kind.name)") }
        }
    }

    private func scratch(_ model: LanguageModel, _ kind: EditKinds) throws -> [[UInt32]] {
        try model.bits(text, promptCount: promptCount, edits: kind.edits, workers: workers)
    }

    /// Where `last` is, said without it: the last prompt token and all after it.
    func testLastIsTheLastPromptTokenAndEveryOneAfterIt() throws {
        for name in ReferenceModel.tinyNames {
            let model = try ReferenceModel.tiny(name).model
            func bits(_ positions: PositionRule, _ cut: [Int]) throws -> [[UInt32]] {
                let edit = Edit.z(layer: 1, head: 2, positions: positions, .scale(-2))
                return try model.bits(text, promptCount: promptCount, edits: [edit], cut: cut, workers: workers)
            }
            let expected = try bits(.range(from: 5, to: 14), [14])
            let plain = try model.bits(text, promptCount: promptCount, workers: workers)
            for cut in [[14], [6, 1, 1, 1, 1, 1, 1, 1, 1], [3, 3, 8], [5, 9]] {
                XCTAssertEqual(try bits(.last, cut), expected, "\(name) cut into \(cut)")
            }
            XCTAssertEqual(expected.prefix(5), plain.prefix(5), "\(name): what comes before is as it was")
            for row in 5..<14 { XCTAssertNotEqual(expected[row], plain[row], "\(name), row \(row)") }
        }
    }

    func testPrefillInPiecesAndDecode() throws {
        try eachKind(["grouped", "llama2-like"]) { model, kind, what in
            let expected = try scratch(model, kind)
            for cut in [
                [6, 1, 1, 1, 1, 1, 1, 1, 1], [Int](repeating: 1, count: 14), [2, 3, 1, 8], [4, 5, 5], [13, 1],
                [5, 1, 8],
            ] {
                XCTAssertEqual(
                    try model.bits(text, promptCount: promptCount, edits: kind.edits, cut: cut, workers: workers),
                    expected, "\(what), cut into \(cut)")
            }
            XCTAssertNotEqual(
                expected, try model.bits(text, promptCount: promptCount, workers: workers), "\(what): nothing is edited"
            )
        }
    }

    /// The same text after prompts of different lengths, all under the same edits, in one batch.
    func testBatchesOfDifferentPrompts() throws {
        try eachKind(["sharded-bf16"]) { model, kind, what in
            let prompts = [6, 1, 14, 9]
            let run = Run(model, workers: workers)
            run.sequences = prompts.map { model.makeSequence(promptCount: $0) }
            var rows: [[[UInt32]]] = prompts.map { _ in [] }
            for (sequence, result) in try run.advance(
                prompts.enumerated().map {
                    Step(sequence: $0, tokens: Array(text.prefix($1)), edits: kind.edits, logits: .all)
                }
            ).enumerated() { rows[sequence] += result.logits.bitRows }
            for _ in 1..<14 {
                let steps = prompts.indices.filter { rows[$0].count < 14 }.map {
                    Step(sequence: $0, tokens: [text[rows[$0].count]], edits: kind.edits, logits: .all)
                }
                if steps.isEmpty { break }
                for (step, result) in zip(steps, try run.advance(steps)) {
                    rows[step.sequence] += result.logits.bitRows
                }
            }
            for (sequence, count) in prompts.enumerated() {
                XCTAssertEqual(
                    rows[sequence], try model.bits(text, promptCount: count, edits: kind.edits, workers: workers),
                    "\(what), a prompt of \(count)")
            }
        }
    }

    func testTeacherForcedScores() throws {
        try eachKind { model, kind, what in
            let run = Run(model, workers: workers)
            let scores = try run.score(
                completion: Array(text[promptCount...]), after: Array(text[..<promptCount]), edits: kind.edits)
            let steps = Run(model, workers: workers)
            steps.sequences = [model.makeSequence(promptCount: promptCount)]
            var next = Array(text[..<promptCount])
            for (index, token) in text[promptCount...].enumerated() {
                let logits = try steps.advance([Step(tokens: next, edits: kind.edits)])[0].logits
                XCTAssertEqual(
                    scores[index], Run.logProbability(of: token, logits: logits.row(0)), "\(what), token \(index)")
                next = [token]
            }
        }
    }

    /// The gates of these tests are open at some positions and closed at others, so that it matters where they are read.
    func testGatesOpenOnTheWay() throws {
        var opened: Set<String> = []
        try eachKind { model, kind, what in
            guard let gate = kind.edits[0].gate else { return }
            let noted = NotedPositions()
            let edit = Edit(.z(1), positions: .all, gate: gate, .custom { _, place in noted.add(place.position) })
            _ = try model.bits(text, promptCount: promptCount, edits: kind.edits + [edit], workers: workers)
            let open = noted.all
            if !open.isEmpty, open.count < text.count { opened.insert(kind.name) }
            guard gate.mode == .latched, let first = open.first else { return }
            XCTAssertEqual(open, Array(first..<text.count), "\(what): open from there on")
        }
        XCTAssertEqual(opened.count, 4, "\(opened)")
    }

    /// Forked anywhere, in the prompt or behind it, both branches go on as if each had come from the beginning.
    func testForks() throws {
        let other = [8, 31, 40, 67, 3, 1]
        try eachKind(["grouped"]) { model, kind, what in
            let expected = try scratch(model, kind)
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: promptCount)]
            for position in text.indices {
                if [1, 3, 5, 6, 7, 10].contains(position) {
                    let branch = Run(model, workers: workers)
                    branch.sequences = [run.sequences[0]]
                    let tokens = Array(text.prefix(position)) + other
                    let result = try branch.advance([Step(tokens: other, edits: kind.edits, logits: .all)])[0]
                    let scratch = try model.bits(tokens, promptCount: promptCount, edits: kind.edits, workers: workers)
                    XCTAssertEqual(result.logits.bitRows, Array(scratch[position...]), "\(what), forked at \(position)")
                }
                let result = try run.advance([Step(tokens: [text[position]], edits: kind.edits, logits: .all)])[0]
                XCTAssertEqual(result.logits.bitRows[0], expected[position], "\(what), the trunk at \(position)")
            }
        }
    }

    /// A prompt longer than what goes through the model together, with gates that open before and after the cut.
    func testLongPromptsWithGates() throws {
        let folder = try copyOfTinyModel(
            "llama2-like", into: makeTemporaryFolder(),
            changing: ["max_position_embeddings": 1024, "num_hidden_layers": 1])
        let model = try LanguageModel(contentsOf: folder)
        let count = Run.maximumRows + 20
        let tokens = (0..<count).map { 3 + ($0 * 7) % 80 }
        let u = unitVector(10, seed: 4)
        func edits(_ threshold: Float, from: Int) -> [Edit] {
            let gate = Gate(
                .z(0), head: 1, direction: u, threshold: threshold, mode: .latched,
                positions: .range(from: from, to: from + 1))
            return [Edit(.z(0), head: 1, positions: .all, gate: gate, .scale(-2))]
        }
        let plain = try model.bits(tokens, promptCount: count, workers: workers)
        for from in [500, Run.maximumRows + 5] {
            let whole = try model.bits(tokens, promptCount: count, edits: edits(-1e9, from: from), workers: workers)
            let pieces = try model.bits(
                tokens, promptCount: count, edits: edits(-1e9, from: from), cut: [300, 225, 1, count - 526],
                workers: workers)
            XCTAssertEqual(pieces, whole, "opened at \(from)")
            XCTAssertEqual(whole[..<from], plain[..<from], "before \(from)")
            XCTAssertTrue((from..<count).allSatisfy { whole[$0] != plain[$0] }, "from \(from) on")
        }
    }
}
