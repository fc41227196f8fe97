import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "Fit a probe", compiled and run as it stands there.
final class FitAProbeArticle: XCTestCase {
    func testItRuns() throws {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        let model = try TextModel(contentsOf: Planted.model)
        let (dataURL, relabellings) = (Planted.texts, 99)
        let file = try makeTemporaryFolder().appending(path: "probes.safetensors")
        // Article begins
        let examples = try DataSet(contentsOf: dataURL).labelledExamples
        let rows = GroupedLabels(examples)
        let z = try model.z(of: examples.map(\.text))
        // Article pauses
        // Article goes on
        let report = try z.probeHeads(
            rows, options: ProbeOptions(estimator: .lda, permutations: relabellings), workers: model.workers)
        for head in report.significant() {
            print("\(head.head): \(head.auroc), \(head.ciLow) to \(head.ciHigh), p \(head.p ?? .nan)")
        }
        print(report.table(rows: 3).rendered())
        // Article pauses
        // Article goes on
        let probe = try HeadDirection(fitting: .lda, to: z[report.heads[0].head], rows: rows)
        for text in ["our trip was pleasant", "our trip was unpleasant"] {
            print("\(text): \(probe.score(try model.z(of: [text])[probe.head].values))")
        }
        // Article pauses
        // Article goes on
        let activations = LabelledActivations(table: z, rows: rows, residualNorms: [])
        let fingerprint = try model.model.fingerprint(workers: model.workers)
        try ProbeFile(activations, report: report, fingerprint: fingerprint, workers: model.workers).write(to: file)
        // Article ends
        XCTAssertEqual(Set(report.significant().map { "\($0.head)" }), ["2.1", "4.2"])
        let scores = shown.suffix(2).compactMap { $0.split(separator: ": ").last.flatMap { Double($0) } }
        XCTAssertTrue(scores.count == 2 && scores[0] > 0 && scores[1] < 0, "\(shown)")
        XCTAssertEqual(try ProbeFile(contentsOf: file, model: fingerprint).report, report)
    }

    /// What the article says of labels without meaning: nothing is found.
    func testShuffledLabelsFindNothing() throws {
        let model = try TextModel(contentsOf: Planted.model)
        let examples = try DataSet(contentsOf: Planted.texts).labelledExamples
        // Every other group has its labels exchanged.
        let groups = Array(Set(examples.map(\.group))).sorted()
        let turned = Set(groups.enumerated().filter { $0.offset % 2 == 0 }.map(\.element))
        let labels = examples.map { turned.contains($0.group) ? !$0.label : $0.label }
        let report = try model.z(of: examples.map(\.text)).probeHeads(
            GroupedLabels(labels: labels, groups: examples.map(\.group)),
            options: ProbeOptions(estimator: .lda, permutations: 99), workers: model.workers)
        XCTAssertEqual(report.significant().map { "\($0.head)" }, [])
    }

    func testTheArticleShowsIt() throws { try assertArticle("FitAProbe") }
}
