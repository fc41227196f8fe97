import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// Holds the code of an article against the test that runs it: the article's Swift blocks are the parts of the test's source
/// between the comments `// Article begins` or `goes on` and `// Article pauses` or `ends`, in their order.
func assertArticle(
    _ name: String, shows source: String = #filePath, file: StaticString = #filePath, line: UInt = #line
) throws {
    let text = try String(contentsOf: URL(filePath: source), encoding: .utf8)
    let article = try String(
        contentsOf: FixtureLocation.package.appending(path: "Sources/HeadSteer/HeadSteer.docc/\(name).md"),
        encoding: .utf8)
    var parts: [[String]] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
        let mark = line.trimmingCharacters(in: .whitespaces)
        if mark == "// Article begins" || mark == "// Article goes on" {
            parts.append([])
            isInside = true
        } else if mark == "// Article pauses" || mark == "// Article ends" {
            isInside = false
        } else if isInside {
            parts[parts.count - 1].append(line.hasPrefix("        ") ? String(line.dropFirst(8)) : line)
        }
    }
    let blocks = article.components(separatedBy: "```swift\n").dropFirst().map {
        $0.components(separatedBy: "\n```")[0]
    }
    XCTAssertFalse(blocks.isEmpty, "\(name).md shows no code", file: file, line: line)
    XCTAssertEqual(blocks.count, parts.count, "\(name).md has another number of blocks", file: file, line: line)
    for (block, part) in zip(blocks, parts) {
        XCTAssertEqual(block, part.joined(separator: "\n"), "\(name).md shows other code", file: file, line: line)
    }
}

/// The planted model and its data, whose two heads 2.1 and 4.2 carry the mood.
enum Planted {
    private static let folder = FixtureLocation.fixtures.appending(path: "planted")
    static let model = folder.appending(path: "planted.gguf")
    static let texts = folder.appending(path: "mood.jsonl")
    static let contrasts = folder.appending(path: "mood-contrast.jsonl")
    /// It knows a thousand words: English sentences cost it more than any budget.
    static let neutral = ["My day at work was", "The talk with my sister left me"]
    /// The head that carries most of the mood.
    static let head = Head(layer: 2, index: 1)

    /// Directions of all heads towards the mood.
    static func directions() throws -> [HeadDirection] {
        let model = try TextModel(contentsOf: Self.model)
        let examples = try DataSet(contentsOf: texts).labelledExamples
        return try model.z(of: examples.map(\.text)).directions(labels: examples.map(\.label))
    }

    /// Moves that head towards the mood.
    static func edits(sigmas: Double, at positions: PositionRule = .last) throws -> [Edit] {
        [try directions()[head: head].edit(sigmas: sigmas, at: positions)]
    }
}
