import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "Open a model", compiled and run as it stands there.
final class OpenAModelArticle: XCTestCase {
    func testItRuns() throws {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        let (url, other) = (Planted.model, Planted.texts)
        // Article begins
        let model = try TextModel(contentsOf: url)
        let shape = model.configuration
        print("\(shape.layers) layers of \(shape.heads) heads, \(shape.headSize) values each")
        print(try model.text(after: "My day at work was", maxTokens: 8))
        // Article pauses
        // Article goes on
        let small = try TextModel(contentsOf: url, precision: .fast, placement: .mapped, workers: WorkerPool(count: 2))
        // Article pauses
        // Article goes on
        let fingerprint = try model.model.fingerprint(workers: model.workers)
        print(fingerprint)
        // Article pauses
        // Article goes on
        do {
            _ = try TextModel(contentsOf: other)
        } catch let error as InputError {
            print("\(error.problem) in \(error.place): \(error.remedy)")
        }
        // Article ends
        XCTAssertEqual(shown[0], "6 layers of 4 heads, 16 values each")
        XCTAssertTrue(shown[1].contains("ordinary"), shown[1])
        XCTAssertEqual(small.model.precision, .fast)
        XCTAssertFalse(small.model.hasPackedWeights)
        XCTAssertTrue(shown[2].hasPrefix("sha256:"), shown[2])
        XCTAssertTrue(shown.count == 4 && shown[3].contains("mood.jsonl"), "\(shown)")
    }

    func testTheArticleShowsIt() throws { try assertArticle("OpenAModel") }
}
