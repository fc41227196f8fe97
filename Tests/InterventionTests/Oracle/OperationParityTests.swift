import Foundation
import Intervention
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Logits and tokens of the tiny models under every kind of edit, against transformers with the same edits as hooks.
final class OperationParityTests: XCTestCase {
    private let workers = WorkerPool(count: 2)

    private func model(_ name: String) throws -> LanguageModel {
        try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/\(name)"))
    }

    func testGroupedQueriesWithBiases() throws { try check("grouped") }

    func testOneKeyValueHeadPerQueryHead() throws { try check("llama2-like") }

    func testShardedBF16() throws { try check("sharded-bf16") }

    private func check(_ name: String) throws {
        let reference = try OperationReference(name)
        XCTAssertGreaterThanOrEqual(reference.cases.count, 50)
        let differences = try reference.check(model(name), tolerance: 5e-5, workers: workers)
        let largest = try XCTUnwrap(differences.max { $0.difference < $1.difference })
        print("\(name): largest logit difference \(largest.difference) (\(largest.name))")
    }

    /// The plans of the fixture leave nothing out.
    func testThePlansUseEverything() throws {
        let edits = try OperationReference("grouped").cases.flatMap(\.plan.edits)
        func check<Value: Hashable>(_ all: some Sequence<Value>, _ of: (PlannedEdit) -> Value?) {
            XCTAssertEqual(Set(edits.compactMap(of)), Set(all))
        }
        check(EditOperation.allCases) { $0.head != nil ? $0.operation : nil }
        check(EditOperation.allCases) { $0.head != nil ? nil : $0.operation }
        check(EditOperation.allCases.filter { $0 != .zero && $0 != .mean }) { $0.keepsNorm ? $0.operation : nil }
        check(EditTarget.sites) { $0.target.site.kind }
        check(StrengthUnit.allCases) { $0.unit }
        check(Gate.Mode.allCases) { $0.gate?.mode }
        check([true, false]) { $0.gate?.opensAbove }
        check(["all", "last", "prompt", "generated", "range", "tokens"]) {
            String("\($0.positions)".prefix { $0.isLetter })
        }
        check(["constant", "decay", "first"]) { String("\($0.schedule)".prefix { $0.isLetter }) }
    }

    /// Gates are open where transformers' scores say so.
    func testOpenGates() throws {
        var checked = 0
        for name in ["grouped", "llama2-like", "sharded-bf16"] {
            let reference = try OperationReference(name)
            let model = try model(name)
            for row in reference.cases {
                for (index, expected) in row.openPositions {
                    checked += 1
                    let open = OpenPositions()
                    var edits = try reference.edits(row.plan, model)
                    // At the end of the edits, under the same gate: it notes where it is carried out.
                    let gated = edits[index]
                    edits.append(
                        Edit(
                            gated.site, head: gated.head, positions: .all, gate: gated.gate,
                            .custom { _, place in open.add(place.position) }))
                    let run = Run(model, workers: workers)
                    run.sequences = [model.makeSequence(promptCount: reference.prompt.count)]
                    try run.advance([Step(tokens: reference.prompt, edits: edits)])
                    for token in row.ids.dropLast() { try run.advance([Step(tokens: [token], edits: edits)]) }
                    XCTAssertEqual(open.all, expected, "\(name), \(row.name), edit \(index)")
                }
            }
        }
        XCTAssertEqual(checked, 21)
    }
}

/// Positions that edits note.
private final class OpenPositions: @unchecked Sendable {
    private let lock = NSLock()
    private var positions: [Int] = []
    func add(_ position: Int) { lock.withLock { positions.append(position) } }
    var all: [Int] { lock.withLock { positions } }
}
