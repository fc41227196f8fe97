import Foundation
import Intervention
import TensorCore
import Tokenization
import Transformer
import XCTest
import _TestSupport

/// The dry run: what it says about each rule, and that a run really edits there.
final class TouchedTokensTests: XCTestCase {
    private static let file = FixtureLocation.fixtures.appending(path: "planted/planted.gguf")
    private let tokenizer = Result { try Tokenizer(contentsOf: file) }
    private let generatedCount = 8

    private func prompt() throws -> [Int] {
        try tokenizer.get().encode("My day at work was", specialTokens: .parsed, addBeginning: true)
    }

    private func edit(_ positions: PositionRule, _ schedule: Schedule = .constant) -> PlannedEdit {
        var edit = PlannedEdit(Head(layer: 1, index: 0), .zero, positions: positions)
        edit.schedule = schedule
        return edit
    }

    private func touched(_ edits: [PlannedEdit]) throws -> TouchedTokens {
        try TouchedTokens(InterventionPlan(edits: edits), prompt: prompt(), tokenizer: tokenizer.get())
    }

    func testMarks() throws {
        let touched = try touched([edit(.last), edit(.range(from: 1, to: -1)), edit(.all), edit(.generated)])
        XCTAssertEqual(touched.pieces.count, try prompt().count)
        let plain = touched.pieces.joined(separator: "|")
        XCTAssertEqual(touched.marked(edit: 3), plain)
        XCTAssertEqual(touched.marked(edit: 2), touched.pieces.map { "⟦\($0)⟧" }.joined(separator: "|"))
        let last = try XCTUnwrap(touched.pieces.last)
        XCTAssertEqual(touched.marked(edit: 0), plain.dropLast(last.count) + "⟦\(last)⟧")
        XCTAssertTrue(touched.marked(edit: 0).hasSuffix("was⟧"), touched.marked(edit: 0))
        XCTAssertEqual(touched.positions[1], Array(1..<(touched.pieces.count - 1)))
    }

    func testTheGeneratedPart() throws {
        let p = try prompt().count
        for (positions, schedule, expected) in [
            (PositionRule.last, Schedule.constant, TouchedTokens.Generated.all), (.all, .constant, .all),
            (.generated, .constant, .all), (.prompt, .constant, .none), (.tokens([5]), .constant, .matching),
            (.last, .first(3), .first(2)), (.all, .first(1), .none), (.generated, .first(0), .none),
            (.prompt, .first(5), .none), (.tokens([5]), .first(1), .none), (.tokens([5]), .first(4), .matchingFirst(3)),
            (.last, .decay(rate: 0.5), .all), (.last, .decay(rate: 0), .none), (.tokens([5]), .decay(rate: 0), .none),
            (.last, .first(.max), .first(.max - 1)),
            (.range(from: 0, to: p), .constant, .none), (.range(from: 0, to: -1), .constant, .none),
            (.range(from: 0, to: p + 3), .constant, .first(3)), (.range(from: -2, to: p + 3), .first(3), .first(2)),
            (.range(from: p + 2, to: p + 5), .constant, .window(2..<5)),
            (.range(from: p + 2, to: p + 5), .first(4), .window(2..<3)),
            (.range(from: p + 2, to: p + 5), .first(3), .none), (.range(from: p + 5, to: p + 2), .constant, .none),
            (.range(from: p + 1, to: .max), .constant, .window(1..<(.max - p))),
            (.range(from: .min, to: .min), .constant, .none),
        ] {
            XCTAssertEqual(try touched([edit(positions, schedule)]).generated, [expected], "\(positions) \(schedule)")
        }
    }

    /// A custom change under the same rules notes where it is carried out, while eight tokens are generated.
    func testWhatIsSaidIsWhatIsEdited() throws {
        let model = try LanguageModel(contentsOf: Self.file)
        let prompt = try prompt()
        let p = prompt.count
        let plain = Run(model, workers: WorkerPool(count: 1))
        plain.sequences = [model.makeSequence(promptCount: p)]
        var text = prompt
        for _ in 0..<generatedCount {
            let logits = try plain.advance([Step(tokens: Array(text[plain.sequences[0].count...]))])[0].logits
            let last = Array(logits.row(logits.rows - 1))
            text.append(last.indices.reduce(0) { last[$1] > last[$0] ? $1 : $0 })
        }
        let rules: [PositionRule] = [
            .all, .last, .prompt, .generated, .tokens([text[1], text[p + 2], text[p + 5]]), .tokens([]),
            .range(from: 0, to: 3), .range(from: -2, to: -1), .range(from: -3, to: p + 2),
            .range(from: p + 2, to: p + 5),
            .range(from: 3, to: 3), .range(from: 5, to: 2), .range(from: p, to: 1000), .range(from: -100, to: 100),
        ]
        let schedules: [Schedule] = [
            .constant, .decay(rate: 0.5), .decay(rate: 0), .first(0), .first(1), .first(2), .first(5), .first(99),
        ]
        var edits: [PlannedEdit] = []
        var custom: [Edit] = []
        var notes: [Notes] = []
        for rule in rules {
            for schedule in schedules {
                edits.append(edit(rule, schedule))
                let list = Notes()
                notes.append(list)
                custom.append(
                    Edit(
                        .z(1), head: 0, positions: rule, schedule: schedule,
                        .custom { _, place in list.add(place.position) }))
            }
        }
        let run = Run(model, workers: WorkerPool(count: 1))
        run.sequences = [model.makeSequence(promptCount: p)]
        try run.advance([Step(tokens: prompt, edits: custom, logits: nil)])
        for token in text[p...] { try run.advance([Step(tokens: [token], edits: custom, logits: nil)]) }

        let said = try touched(edits)
        for (index, edit) in edits.enumerated() {
            let what = "\(edit.positions) \(edit.schedule)"
            let real = notes[index].all
            XCTAssertEqual(real.filter { $0 < p }, said.positions[index], "the prompt, \(what)")
            let matching: (Int) -> Bool = { place in
                if case .tokens(let tokens) = edit.positions { tokens.contains(text[p + place]) } else { false }
            }
            let generated: [Int] =
                switch said.generated[index] {
                case .none: []
                case .all: Array(0..<generatedCount)
                case .first(let count): Array(0..<min(count, generatedCount))
                case .window(let range): Array(range.clamped(to: 0..<generatedCount))
                case .matching: (0..<generatedCount).filter(matching)
                case .matchingFirst(let count): (0..<min(count, generatedCount)).filter(matching)
                }
            XCTAssertEqual(real.filter { $0 >= p }.map { $0 - p }, generated, "the generated tokens, \(what)")
        }
        XCTAssertGreaterThan(Set(notes.map(\.all)).count, 20, "the rules hardly differ")
    }
}

/// Positions that custom changes note.
private final class Notes: @unchecked Sendable {
    // Unchecked: the list is used under the lock alone.
    private let lock = NSLock()
    private var positions: [Int] = []
    func add(_ position: Int) { lock.withLock { positions.append(position) } }
    var all: [Int] { lock.withLock { positions } }
}
