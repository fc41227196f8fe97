import TensorCore
import Transformer
import XCTest
import _TestSupport

/// What must hold of edits whatever the model.
final class EditTruthTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let tokens = [1, 31, 80, 67, 36, 15, 75, 8, 40]
    private let promptCount = 5
    private let cut = [5, 1, 1, 2]

    /// A plan that says nothing is no plan, to the bit, in prefill and decode.
    func testNothingIsDoneWhereNothingIsSaid() throws {
        for name in ReferenceModel.tinyNames {
            let model = try ReferenceModel.tiny(name).model
            let n = model.configuration.headSize
            let u = unitVector(n, seed: 1)
            let plain = try model.bits(tokens, promptCount: promptCount, cut: cut, workers: workers)
            let never = Gate(.z(0), head: 0, direction: u, threshold: 1e30)
            let neverBelow = Gate(
                .residualPre(1), direction: [Float](repeating: 0, count: model.configuration.width),
                threshold: -1, opensAbove: false, mode: .latched)
            let wrongPlace = Gate(
                .z(1), head: 0, direction: u, threshold: -1e30, mode: .latched, positions: .tokens([2]))
            func z(_ change: Change, keepsNorm: Bool = false, _ schedule: Schedule = .constant, _ gate: Gate? = nil)
                -> Edit
            {
                Edit(.z(1), head: 0, positions: .all, keepsNorm: keepsNorm, schedule: schedule, gate: gate, change)
            }
            let nothing = [Float](repeating: 0, count: n)
            for (what, edits) in [
                ("an empty list", []),
                (
                    "strength 0",
                    [z(.add(nothing)), z(.add(u.map { -0 * $0 })), z(.scale(1)), z(.rotate(u, degrees: 0))]
                ),
                ("strength 0 and the norm", [z(.add(nothing), keepsNorm: true), z(.scale(1), keepsNorm: true)]),
                (
                    "strength 0 decaying",
                    [z(.add(nothing), .decay(rate: 0.5)), z(.rotate(u, degrees: 0), .decay(rate: 2))]
                ),
                (
                    "the first 0 tokens",
                    [z(.zero, .first(0)), z(.add(u), keepsNorm: true, .first(0)), z(.scale(3), .first(-2))]
                ),
                ("a closed gate", [z(.zero, .constant, never), z(.reflect(u), keepsNorm: true, .constant, never)]),
                ("a closed gate below", [z(.zero, .constant, neverBelow)]),
                ("a gate that no position can open", [z(.zero, .constant, wrongPlace)]),
                (
                    "an opened gate of nothing",
                    [z(.scale(1), .constant, Gate(.z(0), head: 0, direction: u, threshold: -1e30))]
                ),
            ] {
                XCTAssertEqual(
                    try model.bits(tokens, promptCount: promptCount, edits: edits, cut: cut, workers: workers), plain,
                    "\(name), \(what)")
            }
            let something = [z(.zero, .first(1))]
            XCTAssertNotEqual(
                try model.bits(tokens, promptCount: promptCount, edits: something, cut: cut, workers: workers), plain)
        }
    }

    /// The values that some edits concern, all of one place, at every position, before and after them.
    private func values(_ model: LanguageModel, _ edits: [Edit]) throws -> (before: [[Double]], after: [[Double]]) {
        let (site, head) = (edits[0].site, edits[0].head)
        func read(_ edits: [Edit]) throws -> [[Double]] {
            let result = try model.pass(tokens, edits: edits, reads: [Read(site, at: .all)], workers: workers)
            let values = try XCTUnwrap(result[site]).values
            let range = head.map { ($0 * 8)..<(($0 + 1) * 8) } ?? 0..<values.columns
            return (0..<values.rows).map { values.values(row: $0, range).map(Double.init) }
        }
        return (try read([]), try read(edits))
    }

    private func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
    private func norm(_ x: [Double]) -> Double { dot(x, x).squareRoot() }

    private func assertClose(_ x: [[Double]], _ y: [[Double]], _ tolerance: Double, _ what: String, line: UInt = #line)
    {
        XCTAssertEqual(x.count, y.count, what, line: line)
        for (row, (a, b)) in zip(x, y).enumerated() {
            let distance = norm(zip(a, b).map { $0 - $1 })
            XCTAssertLessThanOrEqual(distance, tolerance * norm(b), "\(what), row \(row)", line: line)
        }
    }

    /// The places that are edited: a head's z, and a layer's sites with the values that each concerns.
    private func places(_ c: ModelConfiguration) -> [(Site, Int?, Int)] {
        [(.z(1), 3, c.headSize), (.attentionOut(1), nil, c.width), (.residualPost(0), nil, c.width)]
    }

    /// The norm-preserving variant points where the change points, and is as long as the values were.
    func testKeptNorms() throws {
        let model = try ReferenceModel.tiny("grouped").model
        for (site, head, n) in places(model.configuration) {
            let u = unitVector(n, seed: 2)
            for change in [
                Change.add(gaussians(n, seed: 3)), .scale(-2.5), .projectOut(u), .setComponent(u, 4), .reflect(u),
                .rotate(u, degrees: 50), .custom { values, _ in values[0] += 3 },
            ] {
                for schedule in [Schedule.constant, .decay(rate: 0.5)] {
                    func edit(_ keepsNorm: Bool) -> [Edit] {
                        [Edit(site, head: head, positions: .all, keepsNorm: keepsNorm, schedule: schedule, change)]
                    }
                    let (before, kept) = try values(model, edit(true))
                    let free = try values(model, edit(false)).after
                    for row in before.indices {
                        let what = "\(site) \(change) \(schedule), row \(row)"
                        XCTAssertEqual(norm(kept[row]), norm(before[row]), accuracy: 1e-6 * norm(before[row]), what)
                        let cosine = dot(kept[row], free[row]) / norm(kept[row]) / norm(free[row])
                        XCTAssertEqual(cosine, 1, accuracy: 1e-6, what)
                    }
                }
            }
            let (_, nothing) = try values(model, [Edit(site, head: head, positions: .all, keepsNorm: true, .zero)])
            XCTAssertTrue(nothing.joined().allSatisfy { $0 == 0 }, "what has no direction stays without")
        }
    }

    func testProjections() throws {
        let model = try ReferenceModel.tiny("grouped").model
        for (site, head, n) in places(model.configuration) {
            let unit = unitVector(n, seed: 4)
            let u = unit.map(Double.init)
            let out = Edit(site, head: head, positions: .all, .projectOut(unit))
            let (before, once) = try values(model, [out])
            let twice = try values(model, [out, out]).after
            for row in before.indices {
                XCTAssertEqual(dot(once[row], u), 0, accuracy: 1e-6 * norm(before[row]), "\(site), row \(row)")
                XCTAssertGreaterThan(abs(dot(before[row], u)), 1e-4 * norm(before[row]), "nothing to project out")
            }
            assertClose(twice, once, 1e-6, "\(site) twice")
            let there = Edit(site, head: head, positions: .all, .setComponent(unit, 2))
            let set = try values(model, [out, there]).after
            assertClose(set, try values(model, [there]).after, 1e-6, "\(site): a component is set whatever it was")
            let reflection = Edit(site, head: head, positions: .all, .reflect(unit))
            assertClose(try values(model, [reflection, reflection]).after, before, 1e-6, "\(site) reflected twice")
            assertClose(
                try values(model, [reflection, out]).after, once, 1e-6, "\(site): reflected, and projected out")
        }
    }

    func testTurns() throws {
        let model = try ReferenceModel.tiny("grouped").model
        for (site, head, n) in places(model.configuration) {
            let unit = unitVector(n, seed: 5)
            func turned(_ degrees: Float...) throws -> [[Double]] {
                try values(
                    model, degrees.map { Edit(site, head: head, positions: .all, .rotate(unit, degrees: $0)) }
                ).after
            }
            let before = try values(model, [Edit(site, head: head, positions: .all, .scale(1))]).before
            assertClose(try turned(360), before, 1e-6, "\(site): a whole turn")
            assertClose(try turned(-720), before, 1e-6, "\(site): two turns back")
            assertClose(try turned(180), before.map { $0.map { -$0 } }, 1e-6, "\(site): half a turn")
            assertClose(try turned(20, 15), try turned(35), 1e-6, "\(site): two turns are their sum")
        }
    }

    /// Sequences of different lengths under different plans, together and one after another, are what each is alone.
    func testSequencesOfABatchDoNotMeet() throws {
        for name in ReferenceModel.tinyNames {
            let model = try ReferenceModel.tiny(name).model
            let kinds = EditKinds.all(model.configuration)
            let texts = kinds.indices.map { index in
                (0..<(8 + index)).map { [1, 31, 67, 8, 40, 5, 71, 3][($0 * 3 + index) % 8] }
            }
            let prompts = kinds.indices.map { 1 + $0 % 6 }
            let run = Run(model, workers: workers)
            run.sequences = prompts.map { model.makeSequence(promptCount: $0) }
            var together: [[[UInt32]]] = kinds.map { _ in [] }
            while let longest = zip(texts, together).map({ $0.count - $1.count }).max(), longest > 0 {
                // Each goes on by another number of tokens, in another order.
                let active = texts.indices.filter { together[$0].count < texts[$0].count }.reversed()
                let steps = active.map { index in
                    let start = together[index].count
                    let count = start == 0 ? prompts[index] : min(1 + index % 3, texts[index].count - start)
                    return Step(
                        sequence: index, tokens: Array(texts[index][start..<(start + count)]),
                        edits: kinds[index].edits, logits: .all)
                }
                for (index, result) in zip(active, try run.advance(steps)) { together[index] += result.logits.bitRows }
            }
            for (index, kind) in kinds.enumerated() {
                XCTAssertEqual(
                    together[index],
                    try model.bits(texts[index], promptCount: prompts[index], edits: kind.edits, workers: workers),
                    "\(name), \(kind.name)")
            }
        }
    }

    /// An edit of one query head leaves the others of its group, their patterns, and the group's keys and values alone.
    func testGroupedHeadsEditThemselvesOnly() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let sites = [Site.z(1), .pattern(1), .key(1), .value(1), .rotatedKey(1), .query(1)]
        let reads = sites.map { Read($0, at: .all) } + [Read(.attentionOut(1), at: .all), Read(.value(2), at: .all)]
        let plain = try model.pass(tokens, reads: reads, workers: workers)
        for head in 0..<6 {
            let edit = Edit.z(layer: 1, head: head, positions: .all, .scale(-2))
            let edited = try model.pass(tokens, edits: [edit], reads: reads, workers: workers)
            for site in sites.dropFirst() {
                XCTAssertEqual(edited[site]?.values, plain[site]?.values, "\(site), head \(head)")
            }
            let (before, after) = (try XCTUnwrap(plain[.z(1)]).values, try XCTUnwrap(edited[.z(1)]).values)
            for row in tokens.indices {
                for other in 0..<6 {
                    let range = (other * 8)..<((other + 1) * 8)
                    let expected = before.values(row: row, range).map { other == head ? -2 * $0 : $0 }
                    XCTAssertEqual(after.values(row: row, range), expected, "head \(other), edited \(head), row \(row)")
                }
            }
            XCTAssertNotEqual(edited[.attentionOut(1)]?.values, plain[.attentionOut(1)]?.values)
            XCTAssertNotEqual(edited[.value(2)]?.values, plain[.value(2)]?.values)
        }
    }
}
