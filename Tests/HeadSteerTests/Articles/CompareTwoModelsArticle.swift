import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "Compare two models head by head", compiled and run as it stands there.
final class CompareTwoModelsArticle: XCTestCase {
    func testItRuns() throws {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        let (baseURL, textsURL, contrastsURL, neutral) =
            (Planted.model, Planted.texts, Planted.contrasts, Planted.neutral)
        let tunedURL = try makeTemporaryFolder().appending(path: "tuned.gguf")
        let planted = try TextModel(contentsOf: baseURL)
        try Bake(
            planted.model, edits: Planted.edits(sigmas: 8, at: .all), plan: "{}", workers: planted.workers
        ).write(to: tunedURL)
        // Article begins
        let models = OfBoth(a: try TextModel(contentsOf: baseURL), b: try TextModel(contentsOf: tunedURL))
        let tokenizer = models.a.tokenizer
        let pair = try ModelPair(
            models.map { $0.model }, tokenizers: models.map { $0.tokenizer }, workers: models.a.workers)
        let contrasts = try DataSet(contentsOf: contrastsURL)
        let preparation = try TextPreparation(tokenizer)
        let input = ComparisonInput(
            items: try JudgedItems(contrasts, tokenizer: tokenizer, file: "the contrasts"), source: .contrast,
            texts: try DataSet(contentsOf: textsURL).labelledExamples.map { try preparation.prepare($0) },
            neutral: try neutral.map { try models.a.tokens(of: $0) })
        let (report, _) = try ModelComparer(pair).compare(input)
        print(report.findings.joined(separator: "\n"))
        // Article ends
        XCTAssertEqual(report.changedHeads.map(\.description), ["2.1"])
        XCTAssertTrue(shown.first?.contains("2.1") ?? false, "\(shown)")
    }

    func testTheArticleShowsIt() throws { try assertArticle("CompareTwoModels") }
}
