import TensorCore
import Transformer
import XCTest
import _TestSupport

@testable import Gradients

/// Passes that leave out the blocks before the first edited one bring the bits of whole passes.
final class GradientStartTests: XCTestCase {
    private let workers = WorkerPool(count: 2)

    private func texts(
        _ reference: GradientReference, _ model: LanguageModel, from layer: Int
    ) throws -> [GradientText] {
        let c = model.configuration
        let edit = Edit.z(layer: layer, head: 0, positions: .last, .add((0..<c.headSize).map { 0.2 * Float($0 % 2) }))
        let reads = Site.all(c).filter { $0.kind == .z && $0.layer.map { $0 >= layer } ?? false }
        let whole = try reference.text(edits: [edit], reads: reads.map { Read($0, at: .last) })
        var end = whole
        let before = whole.promptCount - 1
        end.past = try GradientRun(model, workers: workers)
            .past(of: Array(whole.tokens.prefix(before)), promptCount: whole.promptCount)
        end.tokens = Array(whole.tokens.dropFirst(before))
        return [whole, end]
    }

    private func check(_ found: [GradientResult], _ expected: [GradientResult], _ what: String, line: UInt = #line) {
        XCTAssertEqual(found.map(\.terms), expected.map(\.terms), what, line: line)
        for (a, b) in zip(found.flatMap(\.reads), expected.flatMap(\.reads)) {
            XCTAssertGreaterThan(a.gradients.elements.count, 0, "\(what): \(a.read.site)", line: line)
            XCTAssertEqual(a.values, b.values, "\(what): values of \(a.read.site)", line: line)
            XCTAssertEqual(a.gradients, b.gradients, "\(what): gradients of \(a.read.site)", line: line)
        }
    }

    func testLatePassesHaveTheBitsOfWholeOnes() throws {
        for name in try GradientReference.names() {
            let reference = try GradientReference(name)
            for precision in [Precision.exact, .fast] {
                var model = reference.model
                model.precision = precision
                for layer in 1..<model.configuration.layers {
                    let texts = try texts(reference, model, from: layer)
                    func multiplications(_ texts: [GradientText]) throws -> (Int, [GradientResult]) {
                        let workers = WorkerPool(count: 1)
                        let results = try GradientRun(model, workers: workers).gradients(of: texts)
                        return (workers.multiplications, results)
                    }
                    let (all, expected) = try multiplications(texts)
                    var late = texts
                    let starts = try GradientRun(model, workers: workers).starts(of: texts, before: layer)
                    for (index, start) in starts.enumerated() { late[index].start = start }
                    let (few, found) = try multiplications(late)
                    check(found, expected, "\(name), \(precision), block \(layer)")
                    XCTAssertLessThan(few, all, "\(name), block \(layer)")
                    // Beside a text that has no start.
                    let mixed = try GradientRun(model, workers: workers).gradients(of: [late[0], texts[1]])
                    check(mixed, expected, "\(name), \(precision), block \(layer), mixed")
                }
            }
        }
    }
}
