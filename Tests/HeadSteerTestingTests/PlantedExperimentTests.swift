import DataFiles
import Directions
import Foundation
import HeadSteerXCTest
import Probing
import Statistics
import Tasks
import Transformer
import XCTest
import _TestSupport

/// The planted model as an experiment: what is known of it is found, and what isn't there isn't.
final class PlantedExperimentTests: ExperimentCase {
    private static let opened = Result { try PlantedModel() }
    private static let directions = Result { try opened.get().directions() }
    private func planted() throws -> PlantedModel { try Self.opened.get() }

    private let mood = Head(layer: 2, index: 1)
    private let judge = KeywordJudge(
        for: ["wonderful", "cheerful", "bright", "happy", "merry", "delicious"],
        against: ["dreadful", "gloomy", "bleak", "sad", "mournful", "disgusting"])

    private func edits(_ head: Head, sigmas: Double) throws -> [Edit] {
        [try Self.directions.get()[head: head].edit(sigmas: sigmas)]
    }

    private func prompts() throws -> [String] {
        let data = try Data(contentsOf: PlantedModel.folder.appending(path: "prompts.json"))
        return try JSONDecoder().decode([String].self, from: data)
    }

    /// Both signs, and a head that carries nothing at the same strength.
    func testEffects() throws {
        let contrasts = try planted().contrasts
        XCTAssertTrue(try expectEffect("2.1", of: edits(mood, sigmas: 8), on: contrasts, .above(0.5)))
        XCTAssertTrue(try expectEffect("2.1 backwards", of: edits(mood, sigmas: -8), on: contrasts, .below(-0.5)))
        let other = Head(layer: 0, index: 3)
        XCTAssertTrue(try expectEffect("0.3", of: edits(other, sigmas: 8), on: contrasts, .within(-0.2...0.2)))
    }

    /// The mean over the prompts is NumPy's: `Fixtures/planted/ground-truth.json`.
    func testTheEffectIsTheKnownOne() throws {
        let planted = try planted()
        let effect = try model.effect(of: edits(mood, sigmas: 8), on: planted.contrasts)
        let heads = try XCTUnwrap(planted.truth.objects("heads"))
        let known = try XCTUnwrap(
            heads.first { try $0.integer("layer") == mood.layer && $0.integer("head") == mood.index })
        let effects = try XCTUnwrap(known.doubles("effects"))
        XCTAssertEqual(effect.value, effects.reduce(0, +) / Double(effects.count), accuracy: 0.01)
    }

    func testSteering() throws {
        let change = try model.steering(by: edits(mood, sigmas: 8), prompts: prompts(), judge: judge)
        expect("steering by 2.1", change, .above(0.5))
        let none = try model.steering(by: [], prompts: prompts(), judge: judge)
        XCTAssertEqual(none, Estimate(0, low: 0, high: 0), "no edits change nothing")
        XCTAssertThrowsError(try model.steering(by: [], prompts: ["My day"], judge: judge)) {
            XCTAssertEqual(($0 as? InputError)?.kind, .usage, "one prompt gives no interval: \($0)")
        }
    }

    func testProbes() throws {
        let planted = try planted()
        let table = try planted.collect(planted.examples).table
        let groups = planted.examples.map(\.group)
        let options = ProbeOptions(repeats: 1, permutations: 100, controlTasks: 0, seed: try seed)
        let report = try table.probeHeads(
            GroupedLabels(labels: planted.examples.map(\.label), groups: groups), options: options)
        try expectProbe(mood, in: report, area: .above(0.8))
        // Within each pair of sentences the labels are a coin's.
        var random = SeededGenerator(seed: try seed)
        let shuffled = (0..<planted.examples.count / 2).flatMap { _ in
            let isFirst = random.integer(below: 2) == 1
            return [isFirst, !isFirst]
        }
        try expectNoProbe(
            in: table.probeHeads(GroupedLabels(labels: shuffled, groups: groups), options: options))
        XCTAssertThrowsError(
            try expectNoProbe(
                in: table.probeHeads(
                    GroupedLabels(labels: shuffled, groups: groups),
                    options: ProbeOptions(repeats: 1, permutations: 0, controlTasks: 0)))
        ) { XCTAssertTrue("\($0)".contains("permutations"), "\($0)") }
    }

    #if os(Linux)
        /// Where the class's model isn't there, a test skips before it begins, and says what brings it.
        func testAMissingModelSkips() {
            let missing = MissingModelCase(name: "testNothing") { _ in XCTFail("the test began") }
            XCTAssertThrowsError(try missing.setUpWithError()) {
                XCTAssertEqual(($0 as? XCTSkip)?.message, "model.gguf isn't there; fetch it", "\($0)")
            }
            XCTAssertThrowsError(try missing.model) {
                XCTAssertEqual(($0 as? InputError)?.kind, .missingFile, "\($0)")
            }
        }
    #endif

    func testTheRunHasAFolderOfTheClass() throws {
        XCTAssertEqual(try run.store.folder.lastPathComponent, "PlantedExperimentTests")
        XCTAssertTrue(FileManager.default.fileExists(atPath: try run.store.folder.path(percentEncoded: false)))
    }
}

/// A class whose model isn't there. It has no tests of its own: they would skip.
final class MissingModelCase: ExperimentCase {
    override class var sharedModel: SharedModel {
        SharedModel(URL(filePath: "/nowhere/model.gguf"), remedy: "fetch it")
    }
}
