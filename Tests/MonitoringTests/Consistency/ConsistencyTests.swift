import Checkpoints
import DataFiles
import Foundation
import Intervention
import TensorCore
import Transformer
import XCTest
import _TestSupport

@testable import Monitoring

/// Consistency of forward passes on the small model of each family: clean passes have none of it, changed ones name the place.
final class ConsistencyTests: XCTestCase {
    private let workers = WorkerPool(count: 2)

    private func families() throws -> [(name: String, model: LanguageModel)] {
        let folder = FixtureLocation.fixtures.appending(path: "families")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "gguf" }.sorted { $0.path < $1.path }
            .map { ($0.deletingPathExtension().lastPathComponent, try LanguageModel(contentsOf: $0)) }
    }

    /// - Parameter observes: whether pieces of one position are observed as the pass computes them, and not read.
    private func check(
        _ model: LanguageModel, edits: [Edit] = [], pieces: [Int] = [7, 1, 1, 3, 1, 12], first: Int = 3,
        tolerances: ConsistencyTracker.Tolerances = .init(mix: 1e-4, output: 1e-4), observes: Bool = false
    ) throws -> (found: [Inconsistency], largest: ConsistencyTracker.Tolerances) {
        let c = model.configuration
        let tracker = ConsistencyTracker(
            c, signature: OutputSignature(model, seed: 4, workers: workers), seed: 4,
            schedule: .sums(layers: c.layers), tolerances: tolerances, first: first)
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: 5)]
        var found: [Inconsistency] = []
        var position = 0
        for count in pieces {
            let tokens = (position..<position + count).map { ($0 * 37 + 11) % c.vocabulary }
            let isObserved = observes && count == 1
            run.observers[0] = isObserved ? Observer(tracker: tracker) : nil
            if isObserved { tracker.begin() }
            let z = (0..<c.layers).map { Read(.z($0), at: .all) }
            let reads = try run.advance([
                Step(
                    tokens: tokens, edits: edits, reads: isObserved ? [] : z + tracker.reads(next: count), logits: nil)
            ])[0].reads
            found +=
                isObserved
                ? tracker.finish() : tracker.take(reads[c.layers...], next: count, z: Array(reads.prefix(c.layers)))
            position += count
        }
        return (found, tracker.largest)
    }

    private final class Observer: SiteObserver {
        let tracker: ConsistencyTracker

        init(tracker: ConsistencyTracker) { self.tracker = tracker }

        func sites(of layer: Int) -> SiteKinds { tracker.sites(of: layer) }

        func observe(_ kind: SiteKind, _ layer: Int, _ values: UnsafeBufferPointer<Float>) {
            tracker.observe(kind, layer, values)
        }
    }

    func testCleanPassesAreConsistentInEveryFamily() throws {
        let families = try families()
        XCTAssertGreaterThan(families.count, 15)
        for (name, model) in families {
            let (found, largest) = try check(model)
            XCTAssertEqual(found, [], name)
            XCTAssertLessThan(largest.mix, 1e-5, name)
            XCTAssertLessThan(largest.output, 1e-5, name)
        }
    }

    /// A change of any watched tensor is found at its place and nowhere else.
    func testChangesAreNamedInEveryFamily() throws {
        for (name, model) in try families() {
            let c = model.configuration
            let layer = c.layers - 1
            let head = Head(layer: layer, index: c.heads - 1)
            let nudge = (0..<c.headSize).map { Float($0 % 3) * 0.01 + 0.01 }
            let wide = (0..<c.width).map { Float($0 % 5) * 0.01 + 0.01 }
            var cases: [(Edit, EditTarget)] = [
                (.z(head, positions: .all, .add(nudge)), .head(head)),
                (.z(Head(layer: 0, index: 0), positions: .all, .scale(0.9)), .head(Head(layer: 0, index: 0))),
                (Edit(.residualPost(0), positions: .all, .add(wide)), .layer(0, .residualPost)),
                (Edit(.residualPre(layer), positions: .all, .add(wide)), .layer(layer, .residualPre)),
            ]
            if c.blocks[layer].residual == .sequential {
                cases.append((Edit(.residualMid(layer), positions: .all, .add(wide)), .layer(layer, .residualMid)))
            }
            if !c.blocks[layer].norms.contains(.afterAttention) {
                cases.append((Edit(.attentionOut(layer), positions: .all, .add(wide)), .layer(layer, .attentionOut)))
            }
            for (edit, place) in cases {
                let found = try check(model, edits: [edit]).found
                XCTAssertEqual(Set(found.map(\.place)), [place], "\(name): \(place)")
                XCTAssertTrue(found.allSatisfy { $0.ratio > 1 }, name)
            }
        }
    }

    /// Whether a pass is observed or read, the same is found, to the bit.
    func testObservedPassesGiveWhatReadOnesGive() throws {
        for (name, model) in try families() {
            let c = model.configuration
            let wide = (0..<c.width).map { Float($0 % 5) * 0.01 + 0.01 }
            let edits: [Edit] = [
                .z(Head(layer: 0, index: c.heads - 1), positions: .all, .scale(0.9)),
                Edit(.attentionOut(c.layers - 1), positions: .all, .add(wide)),
                Edit(.residualPost(0), positions: .all, .add(wide)),
                Edit(.residualPre(c.layers - 1), positions: .all, .add(wide)),
            ]
            for edits in [[], edits] {
                let pieces = [7] + [Int](repeating: 1, count: 12)
                let read = try check(model, edits: edits, pieces: pieces)
                let observed = try check(model, edits: edits, pieces: pieces, observes: true)
                XCTAssertEqual(observed.found, read.found, name)
                XCTAssertEqual(observed.largest, read.largest, name)
                XCTAssertEqual(observed.found.isEmpty, edits.isEmpty, name)
            }
        }
    }

    /// Only the positions that an edit touches are named, at the layers whose turn it is.
    func testPositionsAreThoseOfTheEdit() throws {
        let model = try LanguageModel(
            contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped"))
        let c = model.configuration
        let head = Head(layer: 1, index: 0)
        let schedule = LayerTurns.sums(layers: c.layers)
        for (rule, touched) in [
            (PositionRule.all, 0..<25), (.last, 4..<25), (.generated, 5..<25), (.prompt, 0..<5),
            (.range(from: 8, to: 12), 8..<12),
        ] {
            let found = try check(model, edits: [.z(head, positions: rule, .scale(1.1))]).found
            let expected = touched.filter { schedule.layers(at: $0, first: 3).contains(1) }
            XCTAssertEqual(found.map(\.position), expected, "\(rule)")
            XCTAssertEqual(Set(found.map(\.place)), expected.isEmpty ? [] : [.head(head)], "\(rule)")
        }
    }

    func testEveryLayerHasItsTurn() {
        for layers in [1, 2, 5, 6, 7, 12, 30, 32] {
            for (turns, positions) in [(LayerTurns.sums(layers: layers), 6), (.range(layers: layers), 10)] {
                XCTAssertEqual(turns.layers(at: 4, first: 5), [])
                XCTAssertEqual(turns.layers(at: 5, first: 5), Array(0..<layers))
                let next = (6..<6 + positions).flatMap { turns.layers(at: $0, first: 5) }
                XCTAssertEqual(Set(next), Set(0..<layers), "\(layers) layers in \(positions) positions")
                XCTAssertTrue(next.allSatisfy { (0..<layers).contains($0) })
            }
        }
    }

    /// What a signature says of another file's projections.
    func testSignaturesTellWhichHeadsDiffer() throws {
        let model = try LanguageModel(
            contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped"))
        let c = model.configuration
        let signature = OutputSignature(model, seed: 0, workers: workers)
        let same = signature.differences(from: signature, heads: c.heads, headSize: c.headSize)
        XCTAssertEqual(same.heads, [])
        XCTAssertEqual(same.biases, [])
        var weights = signature.weights
        let head = Head(layer: 1, index: 2)
        weights[(head.layer * c.heads + head.index) * c.headSize + 1] *= 1.01
        var offsets = signature.offsets
        offsets[0] += 0.5
        let other = OutputSignature(probe: signature.probe, weights: weights, offsets: offsets)
        let differences = other.differences(from: signature, heads: c.heads, headSize: c.headSize)
        XCTAssertEqual(differences.heads, [head])
        XCTAssertEqual(differences.biases, [0])
        // r · (W_O z) = (W_Oᵀ r) · z, by plain loops.
        let matrix = model.outputProjection(layer: 1)
        let z = (0..<c.heads * c.headSize).map { Float(sin(Double($0))) }
        var expected = 0.0
        for row in 0..<c.width {
            let sum = zip(matrix.row(row), z).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            expected += Double(signature.probe[row]) * sum
        }
        let start = c.heads * c.headSize
        let own = zip(signature.weights[start..<2 * start], z).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        XCTAssertEqual(own, expected, accuracy: 1e-5)
    }
}
