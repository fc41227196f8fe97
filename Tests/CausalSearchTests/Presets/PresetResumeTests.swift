import CausalSearch
import DataFiles
import DataSets
import Foundation
import HeadSteerTesting
import Tasks
import XCTest
import _TestSupport

/// A preset that was stopped does nothing twice and writes the same bytes.
final class PresetResumeTests: XCTestCase {
    private let neutral = ["My day at work was", "our trip was"]

    private func bytes(_ result: PresetResult, _ options: some Encodable) throws -> [Data] {
        let folder = try makeTemporaryFolder()
        let planted = try PlantedModel()
        try result.write(
            to: folder,
            model: .init(planted.model.configuration, fingerprint: planted.model.fingerprint(workers: planted.workers)),
            options: options)
        return try ["plan.json", "directions.safetensors", "report.json"].map {
            try Data(contentsOf: folder.appending(path: $0))
        }
    }

    /// Runs a preset, stops it once a part is written, and goes on.
    private func check(
        _ options: some Encodable, stages: [String], _ preset: (PresetContext) throws -> PresetResult
    ) throws {
        let planted = try PlantedModel()
        let url = try makeTemporaryFolder().appending(path: "parts.journal")
        var context = PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        let straight = try bytes(preset(context), options)
        do {
            let parts = try PartJournal(url, key: "key")
            context.parts = parts
            context.isCancelled = { parts.count > 0 }
            XCTAssertThrowsError(try preset(context)) { XCTAssertTrue($0 is CancellationError, "\($0)") }
        }

        // Until the journal is closed nobody else can write it.
        context.isCancelled = { false }
        context.parts = nil
        let parts = try PartJournal(url, key: "key")
        context.parts = parts
        XCTAssertGreaterThan(parts.count, 0)
        var reported: [String] = []
        context.onProgress = { stage, _, _ in reported.append(stage) }
        XCTAssertEqual(try bytes(preset(context), options), straight)
        for stage in stages { XCTAssertFalse(reported.contains(stage), "\(stage) was done twice") }
    }

    func testHSI() throws {
        var options = HSIOptions()
        (options.heads, options.sweepSamples, options.retestSamples, options.validationSamples) = (1, 2, 4, 4)
        (options.candidates, options.maxTokens, options.strengths) = (2, 2, [8])
        try check(options, stages: ["sweep"]) {
            try HSIPreset($0, options: options).plan(
                .contrast(PresetData.contrasts), neutral: neutral, file: "test")
        }
    }

    /// What somebody changed in the journal, so that it can't be of as many edits, is made anew.
    func testPartsOfOtherNumbersDoNotCount() throws {
        var options = HSIOptions()
        (options.heads, options.sweepSamples, options.retestSamples, options.validationSamples) = (1, 1, 1, 1)
        (options.candidates, options.maxTokens, options.strengths) = (1, 1, [8])
        let planted = try PlantedModel()
        var context = PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        func trials() throws -> [PresetTrial] {
            try HSIPreset(context, options: options).plan(
                .contrast(PresetData.contrasts), neutral: neutral, file: "test"
            ).trials
        }
        let straight = try trials()
        let parts = PartJournal()
        for part in ["sweep 0", "retest 0", "strength 0"] { try parts.add(part, [OutcomeCounts]()) }
        context.parts = parts
        XCTAssertEqual(try trials(), straight)
    }

    func testCAA() throws {
        let options = CAAOptions(validationQuestions: 3)
        try check(options, stages: []) {
            try CAAPreset($0, options: options).plan(
                .choice(PresetData.choices), neutral: neutral, file: "test")
        }
    }

    func testASpentBudgetIsRecorded() throws {
        let planted = try PlantedModel()
        let context = PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        var result = try CAAPreset(context, options: CAAOptions(layer: 3)).plan(
            .choice(PresetData.choices), file: "test")
        try result.spend(.init(mean: 0.05), context, neutral: neutral)
        let spent = try XCTUnwrap(result.spent)
        XCTAssertEqual(spent.cost.mean, 0.05, accuracy: 0.0016)
        XCTAssertEqual(result.plan.edits[0].strength, spent.factor, "the recipe's multiplier is 1")
        XCTAssertEqual(result.trials.last?.stage, "budget")
        XCTAssertTrue(result.notes.last?.contains("0.05") ?? false, "\(result.notes)")

        var ablation = try AblatePreset(context, options: AblateOptions(layer: 3)).plan(
            .labelled(planted.examples), contrasts: planted.contrasts, neutral: neutral, file: "test")
        XCTAssertThrowsError(try ablation.spend(.init(mean: 0.05), context, neutral: neutral)) {
            XCTAssertTrue("\($0)".contains("no strength"), "\($0)")
        }
    }
}
