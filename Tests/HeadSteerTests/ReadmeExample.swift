import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The library example of the README, compiled and run as it stands there.
final class ReadmeExample: XCTestCase {
    private func example(model url: URL, data: URL, contrasts: URL, head: Head, strength: Double) throws -> [String] {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        // README begins
        let model = try TextModel(contentsOf: url)
        let examples = try DataSet(contentsOf: data).labelledExamples

        // Read z of every head at each text's last token, [texts, layers, heads, values]; fit each head's direction.
        let z = try model.z(of: examples.map(\.text))
        let directions = try z.directions(labels: examples.map(\.label))

        // Steer one head, in units of the spread along its direction; compare the texts and a logit difference.
        for sigmas in [-strength, 0, strength] {
            let edits = [try directions[head: head].edit(sigmas: sigmas)]
            let text = try model.text(after: "My day at work was", edits: edits, maxTokens: 24)
            let lean = try model.logitDifference(" wonderful", " dreadful", after: "The soup tasted", edits: edits)
            print("\(sigmas) σ, \(lean): \(text)")
        }
        // README ends

        // README begins
        let found = try model.findHeads(.quick(heads: 2), examples: examples, contrasts: DataSet(contentsOf: contrasts))
        let text = try model.text(after: "My day at work was", edits: found.edits(), maxTokens: 24)
        print("\(found.heads.map(\.head)): \(text)")
        // README ends
        XCTAssertEqual(z.examples, examples.count)
        return shown
    }

    func testItRuns() throws {
        let planted = FixtureLocation.fixtures.appending(path: "planted")
        let texts = try example(
            model: planted.appending(path: "planted.gguf"), data: planted.appending(path: "mood.jsonl"),
            contrasts: planted.appending(path: "mood-contrast.jsonl"), head: Head(layer: 2, index: 1), strength: 8)
        guard texts.count == 4 else { return XCTFail("\(texts)") }
        XCTAssertTrue(texts[0].contains("gloomy"), texts[0])
        XCTAssertTrue(texts[1].contains("ordinary"), texts[1])
        XCTAssertTrue(texts[2].contains("cheerful"), texts[2])
        let leans = texts.prefix(3).compactMap { Float($0.split { ", :".contains($0) }[2]) }
        XCTAssertTrue(leans.count == 3 && leans[0] < leans[1] - 1 && leans[1] + 1 < leans[2], "\(texts)")
        XCTAssertTrue(texts[3].hasPrefix("[") && texts[3].contains("2.1") && texts[3].contains("cheerful"), texts[3])
    }

    func testTheReadmeShowsIt() throws {
        let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
        let readme = try String(
            contentsOf: FixtureLocation.package.appending(path: "README.md"), encoding: .utf8)
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let starts = lines.indices.filter {
            lines[$0].hasSuffix("// README begins") && lines[$0].hasPrefix("        //")
        }
        let ends = lines.indices.filter { lines[$0].hasSuffix("// README ends") && lines[$0].hasPrefix("        //") }
        XCTAssertEqual(starts.count, 2)
        for (first, last) in zip(starts, ends) {
            let example = lines[(first + 1)..<last].map {
                $0.hasPrefix("        ") ? String($0.dropFirst(8)) : String($0)
            }
            XCTAssertTrue(
                readme.contains(example.joined(separator: "\n")),
                "README.md does not show the example that is compiled here, from line \(first + 2)")
        }
    }
}
