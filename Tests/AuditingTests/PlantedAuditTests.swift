import DataFiles
import DataSets
import Foundation
import HeadSteerTesting
import Monitoring
import XCTest
import _TestSupport

@testable import Auditing

/// The planted model's behaviour, as an audit takes it.
enum PlantedAudit {
    static func input(_ data: DataSet? = nil) throws -> AuditInput {
        let folder = PlantedModel.folder
        return AuditInput(
            data: try data ?? DataSet(contentsOf: folder.appending(path: "mood.jsonl")), name: "mood.jsonl",
            contrast: try DataSet(contentsOf: folder.appending(path: "mood-contrast.jsonl")),
            contrastName: "mood-contrast.jsonl", instruction: "My day was happy .",
            // Few tokens of the model's own words: quick where nothing is optimised.
            neutral: [
                "yesterday they walked to the church before dinner.", "people talked in the garden until midnight.",
            ])
    }
}

/// Whole audits of the planted model: what is known to be there is found, and what is known to be nothing is not.
final class PlantedAuditTests: XCTestCase {
    private func audit() throws -> Audit {
        let planted = try PlantedModel()
        return Audit(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
    }

    func testThePlantedHeadsAreFoundAndTheAuditGoesOn() throws {
        var states: [AuditState] = []
        var stages: [AuditStage] = []
        var audit = try audit()
        audit.onState = { states.append($0) }
        audit.onProgress = { stage, _, _ in if stages.last != stage { stages.append(stage) } }
        let outcome = try audit.run(PlantedAudit.input())
        let report = outcome.report
        XCTAssertEqual(Set(report.heads), ["2.1", "4.2"])
        XCTAssertTrue(report.finding.isRobust, "\(report.finding.conditions.filter { !$0.holds })")
        XCTAssertTrue(report.invariants.holds)
        XCTAssertEqual(report.robustness.towardAttack?.heads, ["2.1"])
        XCTAssertLessThan(report.robustness.value, 10)
        XCTAssertLessThanOrEqual(report.robustness.ciLow, report.robustness.value)
        XCTAssertGreaterThan(try XCTUnwrap(report.baselines.randomDirections.min()), report.robustness.value)
        XCTAssertGreaterThan(report.concentration.top1, 0.5)
        XCTAssertEqual(report.controls.keys.sorted(), ["layers", "randomDirections", "randomHeads", "shuffledLabels"])
        let trials = Dictionary(uniqueKeysWithValues: report.defences.trials.map { ($0.name, $0) })
        // The defender's direction is all but the attacker's: little is left, but other heads are free.
        let hold = try XCTUnwrap(trials["hold at the mean"])
        XCTAssertEqual(hold.left, 0, accuracy: 0.3, "\(hold)")
        XCTAssertGreaterThan(hold.undefended, 0, "\(hold)")
        // An attack is moved back by its own opposite, and moves the model as far as before beside it.
        let negative = try XCTUnwrap(trials["negative strength"])
        XCTAssertEqual(negative.attacked, 0, accuracy: 0.3 * negative.undefended, "\(negative)")
        XCTAssertEqual(negative.left, 1, accuracy: 0.3, "\(negative)")
        for trial in report.defences.trials {
            XCTAssertGreaterThanOrEqual(trial.knowing.attacked, trial.attacked, trial.name)
            XCTAssertEqual(
                trial.left, (trial.attacked - trial.alone) / trial.undefended, accuracy: 1e-9, trial.name)
        }
        XCTAssertEqual(stages, AuditStage.allCases)
        XCTAssertEqual(outcome.plan.plan.edits.count, 1)

        // From the middle it comes to the same, and does none of it again.
        let middle = try XCTUnwrap(states.first { $0.baselines != nil })
        let read = try JSONDecoder().decode(AuditState.self, from: JSONEncoder.oneLine.encode(middle))
        XCTAssertEqual(read, middle)
        stages = []
        let resumed = try audit.run(PlantedAudit.input(), state: read)
        XCTAssertEqual(resumed.report, report)
        XCTAssertEqual(stages, [.texts, .groups, .evaluation, .phrasings, .defences])
        XCTAssertEqual(
            try JSONEncoder.indented.encode(resumed.report), try JSONEncoder.indented.encode(report))

        // What somebody changed, so that it can't be of this model and these items, is made anew.
        var forged = try XCTUnwrap(states.last)
        forged.firstLook?.heads[0].head.layer = .max
        forged.curves?[0].points[0].changes.removeLast()
        stages = []
        XCTAssertEqual(try audit.run(PlantedAudit.input(), state: forged).report, report)
        XCTAssertEqual(stages, [.texts, .robustness])
    }

    func testShuffledLabelsGiveNoRobustFinding() throws {
        guard case .labelled(let rows) = try DataSet(contentsOf: PlantedModel.folder.appending(path: "mood.jsonl"))
        else { return XCTFail("mood.jsonl holds no labelled rows") }
        #if DEBUG
            let seeds = 1
        #else
            let seeds = 5
        #endif
        for seed in 0..<seeds {
            var random = SeededGenerator(seed: UInt64(seed))
            // Within each group one of both texts gets the label, at random.
            var flipped: [String: Bool] = [:]
            let shuffled = rows.map { row in
                let flips = flipped[row.group] ?? (random.next() >> 63 == 0)
                flipped[row.group] = flips
                var row = row
                row.label = row.label != flips
                return row
            }
            let report = try audit().run(PlantedAudit.input(.labelled(shuffled))).report
            XCTAssertFalse(report.finding.isRobust, "seed \(seed): \(report.finding.conditions)")
        }
    }

    func testAMonitorNeedsEnoughGroups() throws {
        let planted = try PlantedModel()
        let texts = (0..<AuditProtocol.cleanGroups - 1).map {
            PlainText(completion: "people talked in the garden until midnight.", group: "\($0)")
        }
        // Twice as many texts are no more groups.
        XCTAssertNil(
            try MonitorDefence(
                planted.model, tokenizer: planted.tokenizer, clean: texts + texts, fingerprint: "",
                workers: planted.workers, seed: 0, isCancelled: { false }))
    }

    func testATextInBothHalvesIsRefused() throws {
        guard case .labelled(var rows) = try DataSet(contentsOf: PlantedModel.folder.appending(path: "mood.jsonl"))
        else { return XCTFail("mood.jsonl holds no labelled rows") }
        // The same text in every group: one of them is on the other side.
        for index in rows.indices where index.isMultiple(of: 2) { rows[index].completion = "My day was wonderful." }
        XCTAssertThrowsError(try audit().run(PlantedAudit.input(.labelled(rows)))) { error in
            XCTAssertTrue("\(error)".contains("the same text on lines 1 and"), "\(error)")
            XCTAssertTrue("\(error)".contains("mood.jsonl"), "\(error)")
        }
    }
}
