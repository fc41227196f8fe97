import HeadSteer
import HeadSteerXCTest
import XCTest

/// An experiment on the planted model, in which head 2.1 carries the mood.
final class MoodTests: ExperimentCase {
    private let judge = KeywordJudge(
        for: ["wonderful", "cheerful", "bright", "happy", "merry", "delicious"],
        against: ["dreadful", "gloomy", "bleak", "sad", "mournful", "disgusting"])

    private func push(_ head: Head, sigmas: Double) throws -> [Edit] {
        [try PlantedModel().directions()[head: head].edit(sigmas: sigmas)]
    }

    /// The head causes the mood, and one that is noise doesn't.
    func testEffect() throws {
        let contrasts = try PlantedModel().contrasts
        try expectEffect("2.1", of: push(Head(layer: 2, index: 1), sigmas: 8), on: contrasts, .above(10))
        try expectEffect("0.3", of: push(Head(layer: 0, index: 3), sigmas: 8), on: contrasts, .within(-2...2))
    }

    /// Texts follow, in both directions.
    func testSteering() throws {
        let prompts = ["My day at work was", "The weather looked", "The soup tasted", "the music sounded"]
        let head = Head(layer: 2, index: 1)
        try expectSteering("2.1", by: push(head, sigmas: 8), prompts: prompts, judge: judge, .above(0.5))
        try expectSteering("2.1 back", by: push(head, sigmas: -8), prompts: prompts, judge: judge, .below(-0.5))
    }

    /// A probe of the head tells the moods apart; labels that mean nothing give no probe.
    func testProbe() throws {
        let planted = try PlantedModel()
        let table = try planted.collect(planted.examples).table
        let groups = planted.examples.map(\.group)
        let options = ProbeOptions(repeats: 1, permutations: 200, controlTasks: 0, seed: try seed)
        func probe(_ labels: [Bool]) throws -> ProbeReport {
            try table.probeHeads(GroupedLabels(labels: labels, groups: groups), options: options)
        }
        try expectProbe(Head(layer: 2, index: 1), in: probe(planted.examples.map(\.label)), area: .above(0.8))
        var random = SeededGenerator(seed: try seed)
        let coins = (0..<groups.count / 2).map { _ in random.integer(below: 2) == 1 }
        try expectNoProbe(in: probe(coins.flatMap { [$0, !$0] }))
    }
}

/// The same suite on a model of your own: set HEADSTEER_MODEL, or it skips and says so.
final class OwnModelTests: ExperimentCase {
    override class var sharedModel: SharedModel { SharedModel(environment: "HEADSTEER_MODEL") }

    func testItWrites() throws {
        XCTAssertFalse(try model.text(after: "My day at work was", maxTokens: 8).isEmpty)
    }
}
