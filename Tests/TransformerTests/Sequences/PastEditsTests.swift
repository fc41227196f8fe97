import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Whether a past can be taken for that of another plan: only where computing it anew would give the same.
final class PastEditsTests: XCTestCase {
    private let workers = WorkerPool(count: 1)
    private let tokens = [1, 31, 80, 67, 36, 15, 75, 8]
    private let promptCount = 5
    private let u = unitVector(8, seed: 1)
    private let loaded = Result { try ReferenceModel.tiny("grouped").model }

    private func z(
        _ positions: PositionRule, _ change: Change = .scale(2), keepsNorm: Bool = false,
        _ schedule: Schedule = .constant, _ gate: Gate? = nil
    ) -> Edit {
        Edit(.z(1), head: 0, positions: positions, keepsNorm: keepsNorm, schedule: schedule, gate: gate, change)
    }

    private func gate(_ mode: Gate.Mode, _ positions: PositionRule) -> Gate {
        Gate(.z(0), head: 2, direction: u, threshold: -1e9, mode: mode, positions: positions)
    }

    /// The sequence after the first `count` tokens under some edits.
    private func past(_ count: Int, _ edits: [Edit]) throws -> (run: Run, state: SequenceState) {
        let model = try loaded.get()
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: promptCount)]
        if count > 0 { try run.advance([Step(tokens: Array(tokens.prefix(count)), edits: edits, logits: nil)]) }
        return (run, run.sequences[0])
    }

    /// For every number of tokens, whether a past under `old` is one under `new`.
    private func agreement(_ old: [Edit], _ new: [Edit]) throws -> [Bool] {
        try (0...tokens.count).map { try past($0, old).state.isComputed(under: new) }
    }

    private func until(_ count: Int) -> [Bool] { (0...tokens.count).map { $0 <= count } }

    func testTable() throws {
        let always = until(tokens.count)
        let cases: [(String, [Edit], [Edit], [Bool])] = [
            ("nothing, nothing", [], [], always),
            ("nothing, last", [], [z(.last)], until(promptCount - 1)),
            ("last, nothing", [z(.last)], [], until(promptCount - 1)),
            ("last, last", [z(.last)], [z(.last)], always),
            ("another strength", [z(.last, .scale(2))], [z(.last, .scale(3))], until(promptCount - 1)),
            ("another operation", [z(.last, .projectOut(u))], [z(.last, .reflect(u))], until(promptCount - 1)),
            ("another norm", [z(.last)], [z(.last, keepsNorm: true)], until(promptCount - 1)),
            ("all", [], [z(.all)], until(0)),
            ("prompt", [], [z(.prompt)], until(0)),
            ("generated", [], [z(.generated)], until(promptCount)),
            ("the rule is another, its positions the same", [z(.last)], [z(.range(from: -1, to: 99))], until(4)),
            ("a range", [], [z(.range(from: 3, to: 4))], until(3)),
            ("an empty range", [], [z(.range(from: 3, to: 3))], always),
            ("a token that comes at 3", [], [z(.tokens([67]))], until(3)),
            ("a token that doesn't come", [], [z(.tokens([2]))], always),
            ("tokens, other tokens", [z(.tokens([31, 8]))], [z(.tokens([31]))], until(1)),
            ("strength 0", [z(.all, .scale(1)), z(.all, .add([Float](repeating: 0, count: 8)))], [], always),
            ("two in another order", [z(.last), z(.last, .zero)], [z(.last, .zero), z(.last)], until(4)),
            ("one of two", [z(.generated), z(.last, .zero)], [z(.last, .zero)], until(promptCount)),
            ("the first 0 tokens", [], [z(.all, .zero, .first(0))], always),
            ("the first token, from the generated ones", [], [z(.generated, .zero, .first(1))], always),
            ("the first 3 tokens, from the generated ones", [], [z(.generated, .zero, .first(3))], until(promptCount)),
            ("the first tokens without end", [], [z(.last, .zero, .first(.max))], until(4)),
            ("another decay", [z(.last, .zero, .decay(rate: 0.5))], [z(.last, .zero, .decay(rate: 0.4))], until(4)),
            ("a gate", [], [z(.last, .zero, .constant, gate(.token, .all))], until(4)),
            ("a latched gate", [], [z(.last, .zero, .constant, gate(.latched, .last))], until(4)),
            (
                "a latched gate that the prompt can open", [], [z(.last, .zero, .constant, gate(.latched, .prompt))],
                until(0)
            ),
            (
                "a latched gate that one position can open", [],
                [z(.generated, .zero, .constant, gate(.latched, .range(from: 2, to: 3)))], until(2)
            ),
            (
                "another threshold", [z(.last, .zero, .constant, gate(.token, .all))],
                [z(.last, .zero, .constant, Gate(.z(0), head: 2, direction: u, threshold: 0))], until(4)
            ),
        ]
        for (what, old, new, expected) in cases {
            XCTAssertEqual(try agreement(old, new), expected, what)
            XCTAssertEqual(try agreement(new, old), expected, "\(what), the other way round")
        }
    }

    /// The table is right: where it says so, and going on from that past is going on from one's own.
    func testAPastThatAgreesGoesOnAsOnesOwn() throws {
        let model = try loaded.get()
        let edits = [
            z(.last), z(.range(from: 3, to: 4), .zero), z(.tokens([75]), .zero), z(.generated, .zero, .first(3)),
            z(.last, .zero, .constant, gate(.latched, .range(from: 2, to: 3))),
            z(.generated, .zero, .constant, gate(.token, .all)),
        ]
        for (index, edit) in edits.enumerated() {
            let expected = try model.bits(tokens, promptCount: promptCount, edits: [edit], workers: workers)
            var agreed = 0
            for count in 1..<tokens.count {
                let (run, state) = try past(count, [])
                let rest = Step(tokens: Array(tokens[count...]), edits: [edit], changesEdits: true, logits: .all)
                let rows = try run.advance([rest])[0].logits.bitRows
                XCTAssertEqual(
                    rows == Array(expected[count...]), state.isComputed(under: [edit]), "edit \(index) after \(count)")
                agreed += state.isComputed(under: [edit]) ? 1 : 0
            }
            XCTAssertGreaterThan(agreed, 0, "edit \(index)")
            XCTAssertLessThan(agreed, tokens.count - 1, "edit \(index)")
        }
    }

    /// Once edits were changed on the way, no list of edits gives that past.
    func testChangedEdits() throws {
        let (run, _) = try past(6, [z(.last, .scale(2))])
        try run.advance([Step(tokens: [7], edits: [z(.last, .scale(3))], changesEdits: true)])
        for edits in [[], [z(.last, .scale(2))], [z(.last, .scale(3))]] {
            XCTAssertFalse(run.sequences[0].isComputed(under: edits), "\(edits)")
        }
        // It goes on under the new ones without a word, and can be changed again.
        try run.advance([Step(tokens: [8], edits: [z(.last, .scale(3))])])
        try run.advance([Step(tokens: [9], edits: [], changesEdits: true)])
        try run.advance([Step(tokens: [9], edits: [])])
        XCTAssertFalse(run.sequences[0].isComputed(under: []))
    }

    /// Edits that are said to change and concern nothing of the past change nothing.
    func testChangesThatDoNotConcernThePast() throws {
        for (old, new) in [([], [z(.last)]), ([z(.last, .scale(2))], [z(.last, .scale(3))]), ([z(.last)], [z(.last)])] {
            let (run, _) = try past(4, old)
            try run.advance([Step(tokens: [tokens[4]], edits: new, changesEdits: true)])
            XCTAssertTrue(run.sequences[0].isComputed(under: new), "\(old) \(new)")
            XCTAssertFalse(run.sequences[0].isComputed(under: []))
        }
        let (run, _) = try past(0, [])
        try run.advance([Step(tokens: tokens, edits: [z(.all)], changesEdits: true)])
        XCTAssertTrue(run.sequences[0].isComputed(under: [z(.all)]), "from the first token on")
    }

    /// A gate that has latched stays open where the edits change, and come back.
    func testLatchedGatesStayOpenThroughChanges() throws {
        let model = try loaded.get()
        let latched = z(.generated, .zero, .constant, gate(.latched, .range(from: 2, to: 3)))
        let open = z(.generated, .zero)
        func rows(_ edits: [[Edit]]) throws -> [[UInt32]] {
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: promptCount)]
            var rows: [[UInt32]] = []
            for (index, edits) in edits.enumerated() {
                let part = index == 0 ? Array(tokens[..<promptCount]) : [tokens[promptCount + index - 1]]
                rows += try run.advance([Step(tokens: part, edits: edits, changesEdits: true)])[0].logits.bitRows
            }
            return rows
        }
        XCTAssertEqual(try rows([[latched], [], [latched]]), try rows([[], [], [open]]))
        XCTAssertNotEqual(try rows([[], [], [open]]), try rows([[], [], []]))
        XCTAssertEqual(try rows([[], [], [latched]]), try rows([[], [], []]), "it wasn't there to be opened")
    }
}
