import Foundation
import XCTest
import _TestSupport

/// The Swift code of two articles stands in the example packages, which `Fixtures/Examples/check.sh` builds and runs.
final class ExampleArticles: XCTestCase {
    /// Lines without their indentation.
    private func plain(_ text: some StringProtocol) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
    }

    func testTheirCodeIsTheExamples() throws {
        let examples = FixtureLocation.fixtures.appending(path: "Examples")
        var sources: [String] = []
        for path in [
            "Script/Sources/Script/main.swift", "Tool/Sources/steer/Steer.swift",
            "Experiments/Tests/MoodTests/MoodTests.swift", "Service/Sources/Service/Service.swift",
        ] { sources.append(plain(try String(contentsOf: examples.appending(path: path), encoding: .utf8))) }
        for (article, count) in [("ExperimentsInXCTest", 4), ("EmbedInATool", 5)] {
            let text = try String(
                contentsOf: FixtureLocation.package.appending(
                    path: "Sources/HeadSteer/HeadSteer.docc/\(article).md"), encoding: .utf8)
            let blocks = text.components(separatedBy: "```swift\n").dropFirst().map {
                plain($0.components(separatedBy: "\n```")[0])
            }
            XCTAssertEqual(blocks.count, count, article)
            for block in blocks where !sources.contains(where: { $0.contains(block) }) {
                XCTFail("\(article): no example has this code:\n\(block)")
            }
        }
    }
}
