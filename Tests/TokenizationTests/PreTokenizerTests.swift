import XCTest
import _TestSupport

@testable import Tokenization

/// The scanners against the regular expressions that they stand for, run by Python's `regex`
/// (`Fixtures/tokenizers/make-splits.py`).
final class PreTokenizerTests: XCTestCase {
    private struct Group: Decodable {
        struct Case: Decodable {
            var text: String
            var lengths: [Int]
        }

        var name: String
        var cases: [Case]
    }

    func testScannersCutAsThePatternsDo() throws {
        let url = tokenizerFixtures.appending(path: "splits.json")
        let groups = try JSONDecoder().decode([Group].self, from: Data(contentsOf: url))
        XCTAssertEqual(groups.count, 10)
        for group in groups {
            let preTokenizer =
                try KnownPattern.stage(for: group.name).map { PreTokenizer(stages: [$0]) }
                ?? NamedPreTokenizer.named(group.name, place: "test").preTokenizer
            XCTAssertEqual(group.cases.count, 250, group.name)
            for expected in group.cases {
                let ends = Array(expected.text.utf8).withUnsafeBufferPointer { preTokenizer.wordEnds(of: $0) }
                let lengths = zip(ends, [0] + ends).map { $0 - $1 }
                XCTAssertEqual(lengths, expected.lengths, "\(group.name): \(expected.text.debugDescription)")
            }
        }
    }

    func testPatternsAreKnownByTheirText() {
        XCTAssertEqual(
            KnownPattern.stage(
                for:
                    #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#
            ),
            .modern(digits: 3, foldsLongS: true))
        XCTAssertNil(KnownPattern.stage(for: #"\w+|[^\w\s]+"#))
        XCTAssertNil(KnownPattern.stage(for: #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|\p{L}+"#))
    }

    func testUnknownNameIsRefusedWithThoseThatAreKnown() {
        XCTAssertThrowsError(try NamedPreTokenizer.named("deepseek-llm", place: "m.gguf: tokenizer.ggml.pre")) {
            error in
            let text = "\(error)"
            for part in ["deepseek-llm", "m.gguf: tokenizer.ggml.pre", "llama-bpe", "qwen2", "smollm"] {
                XCTAssertTrue(text.contains(part), "\(part) is missing in: \(text)")
            }
        }
    }
}
