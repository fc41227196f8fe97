import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "From labelled texts to a direction you can defend", compiled and run as it stands there.
final class DirectionArticle: XCTestCase {
    private struct Analysis {
        var shown: [String] = []
        var report: ProbeReport
        var probes: ProbeFile
    }

    private func analysis(
        modelURL: URL, dataURL: URL, otherURL: URL, folder: URL, relabellings: Int
    ) throws -> Analysis {
        var shown: [String] = []
        func print(_ text: some CustomStringConvertible) { shown.append("\(text)") }
        // Article begins
        let workers = WorkerPool()
        let model = try LanguageModel(contentsOf: modelURL)
        let tokenizer = try Tokenizer(contentsOf: modelURL)
        let examples = try DataSet(contentsOf: dataURL).labelledExamples
        try examples.requireBothClasses(file: dataURL.lastPathComponent)
        // Article pauses
        // Article goes on
        let preparation = try TextPreparation(tokenizer, positions: .last)
        let texts = try examples.map { try preparation.prepare($0) }
        for text in texts.prefix(2) { print(try text.marked(tokenizer)) }
        // Article pauses
        // Article goes on
        let rows = GroupedLabels(examples)
        let heads = model.configuration.layers * model.configuration.heads
        let power = StatisticalPower(rows, heads: heads)
        print(power.detectableArea ?? .nan)
        print(power.groupsNeeded(forArea: 0.7))
        // Article pauses
        // Article goes on
        let fingerprint = try model.fingerprint(workers: workers)
        let file = folder.appending(path: "activations.safetensors")
        try ActivationCollection(
            ActivationReading(model, texts), fingerprint: fingerprint, preparation: preparation
        ).write(to: file, workers: workers) { done, all in print("\(done) of \(all)") }
        let activations = try LabelledActivations(contentsOf: file)
        // Article pauses
        // Article goes on
        let options = ProbeOptions(estimator: .lda, permutations: relabellings)
        let report = try activations.table.probeHeads(activations.rows, options: options, workers: workers)
        for head in report.heads.prefix(3) {
            print("\(head.head): \(head.auroc), \(head.ciLow) to \(head.ciHigh), p \(head.p ?? .nan)")
        }
        print("\(report.significant().count) of \(heads) heads; no p below \(report.smallestP ?? .nan)")
        // Article pauses
        // Article goes on
        let other = try DataSet(contentsOf: otherURL).labelledExamples
        let reading = try ActivationReading(model, other.map { try preparation.prepare($0) })
        let elsewhere = LabelledActivations(
            table: try HeadCollection(reading, workers: workers).table, rows: GroupedLabels(other), residualNorms: [])
        let comparison = try activations.compare(with: elsewhere, estimator: .lda, workers: workers)
        let best = report.heads[0]
        for head in comparison where head.head == best.head {
            print("\(head.mahalanobisCosine), \(head.firstOnSecond) there, \(head.firstOnSecondLow) at least")
        }
        // Article pauses
        // Article goes on
        let probes = try ProbeFile(
            activations, report: report, direction: .massMean, fingerprint: fingerprint, workers: workers)
        try probes.write(to: folder.appending(path: "probes.safetensors"))
        // Article pauses
        // Article goes on
        let map = report.heatMap()
        print(map.rendered())
        try AtomicOutput.write(Data(map.svg().utf8), to: folder.appending(path: "heads.svg"))
        // Article ends
        return Analysis(shown: shown, report: report, probes: probes)
    }

    /// On the planted model, whose heads are known.
    func testTheAnalysisFindsThePlantedHeads() throws {
        let planted = FixtureLocation.fixtures.appending(path: "planted")
        let folder = try makeTemporaryFolder()
        let result = try analysis(
            modelURL: planted.appending(path: "planted.gguf"), dataURL: planted.appending(path: "mood.jsonl"),
            otherURL: planted.appending(path: "mood-test.jsonl"), folder: folder, relabellings: 99)
        XCTAssertTrue(result.shown[0].contains("⟦"), result.shown[0])
        XCTAssertEqual(Set(result.report.significant().map { "\($0.head)" }), ["2.1", "4.2"])
        XCTAssertTrue(result.shown.contains { $0.hasPrefix("2 of 24 heads") }, "\(result.shown)")
        let read = try ProbeFile(
            contentsOf: folder.appending(path: "probes.safetensors"), model: result.probes.fingerprint)
        XCTAssertEqual(read.report, result.report)
        XCTAssertTrue(
            try String(contentsOf: folder.appending(path: "heads.svg"), encoding: .utf8).hasPrefix("<svg"))
    }

    /// Each block of code of the article stands in this file, and each part of this file's example in the article.
    func testTheArticleShowsIt() throws { try assertArticle("DirectionYouCanDefend") }
}
