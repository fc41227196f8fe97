import DataFiles
import Directions
import Foundation
import HeadSteerTesting
import Interchange
import Intervention
import ModelComparison
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// What is said of weights, where it is known what was done to them.
final class WeightComparisonTests: XCTestCase {
    private func compare(_ a: URL, _ b: URL, directions: [Head: [Float]] = [:]) throws -> WeightComparison {
        try WeightComparison(AlteredModel.pair(a, b), directions: directions)
    }

    private func bake(_ edits: [PlannedEdit], into model: URL = AlteredModel.planted) throws -> URL {
        let url = try makeTemporaryFolder().appending(path: "baked.gguf")
        let original = try LanguageModel(contentsOf: model)
        let workers = WorkerPool(count: 2)
        try Bake(
            original, edits: LoadedPlan(InterventionPlan(edits: edits)).edits(original.configuration), plan: "{}",
            workers: workers
        ).write(to: url)
        return url
    }

    func testTheSameFile() throws {
        for url in [AlteredModel.planted, AlteredModel.grouped] {
            let found = try compare(url, url)
            XCTAssertTrue(found.isSame, url.lastPathComponent)
            XCTAssertEqual(found.changedHeads, [])
            XCTAssertTrue(found.elsewhere.allSatisfy { $0.change == 0 && !$0.isChanged })
        }
    }

    /// Additions are a bias of the layer: the heads that they come from are named, and what is added to them.
    func testBakedAdditions() throws {
        for (url, count) in [(AlteredModel.planted, 16), (AlteredModel.grouped, 8)] {
            let heads = [Head(layer: 1, index: 0), Head(layer: 1, index: 2), Head(layer: 2, index: 3)]
            let vectors = heads.indices.map { head in (0..<count).map { Double(($0 * 7 + head * 3) % 11) / 10 - 0.4 } }
            let baked = try bake(
                zip(heads, vectors).map {
                    PlannedEdit($0, .add, direction: .inline($1), strength: 0.5, positions: .all)
                }, into: url)
            let known = Dictionary(uniqueKeysWithValues: zip(heads, vectors.map { $0.map { Float($0) } }))
            let found = try compare(url, baked, directions: known)
            XCTAssertEqual(found.changedHeads, heads, url.lastPathComponent)
            XCTAssertEqual(found.unexplainedBiases, [])
            XCTAssertTrue(found.elsewhere.allSatisfy { $0.change == 0 }, "nothing outside attention")
            for (head, vector) in zip(heads, vectors) {
                let change = try XCTUnwrap(found.heads.first { $0.head == head })
                XCTAssertEqual(change.changed, ["outputBias"])
                XCTAssertEqual([change.query, change.key, change.value, change.output], [0, 0, 0, 0])
                XCTAssertGreaterThan(change.weightChange, 0)
                let length = 0.5 * vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
                XCTAssertEqual(change.outputBias, length, accuracy: 1e-3 * length, "\(head)")
                XCTAssertEqual(try XCTUnwrap(change.biasAlong), 1, accuracy: 1e-4, "\(head)")
            }
        }
    }

    /// A head that writes one direction of the stream: of what was added only that can be told.
    func testBakedAdditionAtAHeadThatWritesLittle() throws {
        let planted = try PlantedModel()
        let direction = try XCTUnwrap(planted.directions().first { $0.name == "2.1" })
        let baked = try bake([
            PlannedEdit(
                direction.head, .add, direction: .inline(direction.unit.map(Double.init)), strength: 8, positions: .all)
        ])
        let found = try compare(AlteredModel.planted, baked)
        XCTAssertEqual(found.changedHeads, [direction.head])
        XCTAssertLessThanOrEqual(try XCTUnwrap(found.heads.first { $0.head == direction.head }).outputBias, 8.001)
    }

    /// Other operations change the columns of their heads.
    func testBakedMatrices() throws {
        let unit = (0..<16).map { $0 == 2 ? 0.6 : $0 == 5 ? 0.8 : 0 }
        let baked = try bake([
            PlannedEdit(Head(layer: 0, index: 3), .scale, strength: 1.02, positions: .all),
            PlannedEdit(Head(layer: 3, index: 1), .zero, positions: .all),
            PlannedEdit(
                Head(layer: 5, index: 2), .projectOut, direction: .inline(unit), positions: .all),
        ])
        let found = try compare(
            AlteredModel.planted, baked, directions: [Head(layer: 5, index: 2): unit.map { Float($0) }])
        let changed = [Head(layer: 0, index: 3), Head(layer: 3, index: 1), Head(layer: 5, index: 2)]
        XCTAssertEqual(found.changedHeads, changed)
        for (head, expected) in zip(changed, [0.02, 1, nil]) {
            let change = try XCTUnwrap(found.heads.first { $0.head == head })
            XCTAssertEqual(change.changed, ["output"], "\(head)")
            if let expected { XCTAssertEqual(change.output, expected, accuracy: 1e-5, "\(head)") }
        }
        let projected = try XCTUnwrap(found.heads.first { $0.head == changed[2] })
        XCTAssertEqual(try XCTUnwrap(projected.outputAlong), 1, accuracy: 1e-6, "all of it is along the direction")
        XCTAssertGreaterThan(projected.output, 0.01)
        XCTAssertTrue(found.elsewhere.allSatisfy { $0.change == 0 })
    }

    /// Means and bounds leave both: columns and a bias.
    func testBakedMatricesWithBiases() throws {
        let unit = (0..<16).map { $0 == 2 ? 0.6 : $0 == 5 ? -0.8 : 0 }
        let (bounded, mirrored) = (Head(layer: 1, index: 3), Head(layer: 4, index: 0))
        let baked = try bake([
            PlannedEdit(bounded, .clamp, direction: .inline(unit), strength: 0.7, positions: .all),
            PlannedEdit(mirrored, .reflect, direction: .inline(unit), positions: .all),
            PlannedEdit(mirrored, .add, direction: .inline(unit), strength: 0.3, positions: .all),
        ])
        let found = try compare(AlteredModel.planted, baked)
        XCTAssertEqual(found.changedHeads, [bounded, mirrored])
        for head in found.heads where !head.finding.changed.isEmpty {
            XCTAssertEqual(head.finding.changed, ["output", "outputBias"], "\(head.head)")
        }
        XCTAssertEqual(found.unexplainedBiases, [])
        XCTAssertTrue(found.elsewhere.allSatisfy { $0.change == 0 })
    }

    /// As many heads of each layer as a bias can tell apart, and more than that.
    func testBakedAdditionsInManyHeads() throws {
        let heads = [(0, 0), (0, 1), (0, 3), (1, 1), (1, 2), (3, 0), (3, 2), (3, 3), (5, 0)].map {
            Head(layer: $0.0, index: $0.1)
        }
        func edit(_ head: Head) -> PlannedEdit {
            let offset = head.layer * 5 + head.index * 7
            let vector = (0..<16).map { value -> Double in
                let number: Int = (value * 13 + offset) % 17
                return Double(number) / 17 - 0.45
            }
            return PlannedEdit(head, .add, direction: .inline(vector), strength: 0.5, positions: .all)
        }
        let found = try compare(AlteredModel.planted, bake(heads.map(edit)))
        XCTAssertEqual(found.changedHeads, heads)
        XCTAssertEqual(found.unexplainedBiases, [])
        // Four heads' columns give every bias there is: none is accused.
        let all = (0..<4).map { Head(layer: 3, index: $0) }
        let untold = try compare(AlteredModel.planted, bake(all.map(edit)))
        XCTAssertEqual(untold.changedHeads, [])
        XCTAssertEqual(untold.unexplainedBiases, [3])
        let record = RecordedEdits(InterventionPlan(edits: all.map(edit)), isOfOther: true)
        XCTAssertTrue(
            record.finding(changed: [], unexplainedBiases: [3]).contains(
                "weights can't tell whether 3.0, 3.1, 3.2, 3.3 are the heads"),
            record.finding(changed: [], unexplainedBiases: [3]))
        let said = record.finding(changed: [all[1], Head(layer: 5, index: 0)], unexplainedBiases: [])
        XCTAssertTrue(
            said.contains("doesn't name 5.0, which changed too") && said.contains("nothing of 3.0, 3.2, 3.3 changed"),
            said)
    }

    /// What a plan adds to a full model is found in the quantised copy of the baked one, and a scaled layer isn't taken for rounding.
    func testBakedAndRounded() throws {
        let head = Head(layer: 1, index: 2)
        let vector = (0..<16).map { Double($0 % 5) / 5 - 0.3 }
        let baked = try bake([
            PlannedEdit(head, .add, direction: .inline(vector), strength: 2, positions: .all)
        ])
        let folder = try makeTemporaryFolder()
        let rounded = folder.appending(path: "rounded.gguf")
        try AlteredModel.write(baked, to: rounded, format: { _ in .q8_0 }) { _, _ in nil }
        let found = try compare(rounded, baked)
        XCTAssertTrue(found.isSame == false && found.changedHeads.isEmpty, "the same bias in both")
        let original = folder.appending(path: "original.gguf")
        try AlteredModel.write(AlteredModel.planted, to: original, format: { _ in .q8_0 }) { _, _ in nil }
        for (a, b) in [(AlteredModel.planted, rounded), (original, baked)] {
            let found = try compare(a, b, directions: [head: vector.map { Float($0) }])
            XCTAssertEqual(found.changedHeads, [head], "\(a.lastPathComponent) and \(b.lastPathComponent)")
            let change = try XCTUnwrap(found.heads.first { $0.head == head })
            XCTAssertEqual(change.changed, ["outputBias"])
            XCTAssertGreaterThan(try XCTUnwrap(change.biasAlong), 0.99)
        }
        let coarse = folder.appending(path: "coarse.gguf")
        try AlteredModel.write(AlteredModel.planted, to: coarse, format: { _ in .q4_0 }) { _, _ in nil }
        let scaled = try bake(
            (0..<4).map { PlannedEdit(Head(layer: 2, index: $0), .scale, strength: 0.95, positions: .all) },
            into: coarse)
        XCTAssertEqual(
            try compare(coarse, scaled).changedHeads, (0..<4).map { Head(layer: 2, index: $0) },
            "rounding turns weights, scaling doesn't")
    }

    /// A GGUF file has the rows of queries and keys in another order than a folder.
    func testAFolderAndAFile() throws {
        let folder = FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped")
        let found = try compare(AlteredModel.grouped, folder)
        XCTAssertEqual(found.changedHeads, [])
        XCTAssertEqual(found.order, [])
        XCTAssertTrue(found.heads.allSatisfy { $0.weightChange < 1e-3 }, "\(found.heads.map(\.weightChange))")
        let head = Head(layer: 1, index: 3)
        let url = try makeTemporaryFolder().appending(path: "baked")
        let original = try LanguageModel(contentsOf: folder)
        let size = original.configuration.headSize
        let edits = [
            PlannedEdit(
                head, .add, direction: .inline((0..<size).map { Double($0) / 10 }), strength: 1, positions: .all)
        ]
        try Bake(
            original, edits: LoadedPlan(InterventionPlan(edits: edits)).edits(original.configuration), plan: "{}",
            workers: WorkerPool(count: 1)
        ).write(to: url)
        let baked = try compare(folder, url)
        XCTAssertEqual(baked.changedHeads, [head])
        XCTAssertTrue(baked.elsewhere.allSatisfy { $0.change == 0 }, "biases of 0 change nothing")
    }

    /// A bias of no head's making is said to be one.
    func testBiasThatNoFewHeadsExplain() throws {
        let url = try makeTemporaryFolder().appending(path: "biased.gguf")
        let original = try LanguageModel(contentsOf: AlteredModel.planted)
        let bias = (0..<original.configuration.width).map { value -> Float in Float((value * 31 + 7) % 17) / 17 - 0.4 }
        let edit = Edit(.attentionOut(2), positions: .all, .add(bias))
        try Bake(original, edits: [edit], plan: "{}", workers: WorkerPool(count: 1)).write(to: url)
        let found = try compare(AlteredModel.planted, url)
        XCTAssertEqual(found.changedHeads, [])
        XCTAssertEqual(found.unexplainedBiases, [2])
        XCTAssertFalse(found.isSame)
    }

    /// The same model in formats of fewer bits: near, in order, and no head is called changed.
    func testRounding() throws {
        let folder = try makeTemporaryFolder()
        func rounded(_ format: RoundedFormat) throws -> URL {
            let url = folder.appending(path: "\(format).gguf")
            try AlteredModel.write(AlteredModel.planted, to: url, format: { _ in format }) { _, _ in nil }
            return url
        }
        let full = try rounded(.f32)
        XCTAssertTrue(try compare(AlteredModel.planted, full).isSame, "F16 in F32 is the same")
        let found = try [RoundedFormat.q8_0, .q4_0].map { try compare(full, rounded($0)) }
        for (comparison, range) in zip(found, [0.001..<0.011, 0.02..<0.17]) {
            XCTAssertEqual(comparison.changedHeads, [], "\(comparison.formats)")
            XCTAssertTrue(range.contains(comparison.attentionChange), "\(comparison.attentionChange)")
            XCTAssertTrue(comparison.elsewhere.allSatisfy { !$0.isChanged }, "\(comparison.elsewhere)")
            XCTAssertTrue(comparison.heads.allSatisfy { $0.weightChange > 0 && $0.matched == $0.head.index })
            XCTAssertEqual(comparison.order, [])
        }
        XCTAssertGreaterThan(found[1].attentionChange, 4 * found[0].attentionChange)
        // A head that is another one is seen through the rounding.
        let tuned = folder.appending(path: "tuned.gguf")
        try AlteredModel.write(AlteredModel.planted, to: tuned) { name, values in
            guard name == "blk.3.attn_v.weight" else { return nil }
            var values = values
            for index in 16 * 64..<32 * 64 { values.elements[index] *= index % 3 == 0 ? 1.5 : 1 }
            return values
        }
        let both = folder.appending(path: "both.gguf")
        try AlteredModel.write(tuned, to: both, format: { _ in .q8_0 }) { _, _ in nil }
        let seen = try compare(full, both)
        XCTAssertEqual(seen.changedHeads, [Head(layer: 3, index: 1)])
        XCTAssertEqual(seen.heads.first { $0.head == Head(layer: 3, index: 1) }?.changed, ["value"])
    }

    func testCancellation() throws {
        XCTAssertThrowsError(
            try WeightComparison(
                AlteredModel.pair(AlteredModel.planted, AlteredModel.planted), isCancelled: { true })
        ) { XCTAssertTrue($0 is CancellationError, "\($0)") }
    }

    /// The threads that look at layers change no bit.
    func testThreads() throws {
        let url = try makeTemporaryFolder().appending(path: "q4.gguf")
        try AlteredModel.write(AlteredModel.planted, to: url, format: { _ in .q4_0 }) { _, _ in nil }
        let found = try [1, 2, 3].map {
            try WeightComparison(AlteredModel.pair(AlteredModel.planted, url, threads: $0))
        }
        XCTAssertEqual(found[0], found[1])
        XCTAssertEqual(found[0], found[2])
    }

    func testWeightsThatAreNoNumbersAreRefused() throws {
        let url = try makeTemporaryFolder().appending(path: "nan.gguf")
        try AlteredModel.write(AlteredModel.planted, to: url) { name, values in
            guard name == "blk.4.attn_k.weight" else { return nil }
            var values = values
            values[3, 5] = .nan
            return values
        }
        XCTAssertThrowsError(try compare(AlteredModel.planted, url)) { error in
            let text = "\(error)"
            XCTAssertTrue(text.contains("key projection of layer 4") && text.contains("nan.gguf"), text)
        }
    }
}
