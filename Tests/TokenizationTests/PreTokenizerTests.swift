import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Tokenization

/// Pre-tokenizers against the programs that they follow: llama.cpp's own splitting for names, Hugging Face's
/// `tokenizers` for what `tokenizer.json` has (`Fixtures/tokenizers/make-splits.py`).
final class PreTokenizerTests: XCTestCase {
    private struct Expected: Decodable {
        struct Named: Decodable {
            var names: [String]
            var lengths: [[Int]]
        }
        struct PreTokenizer: Decodable {
            var name: String
            var lengths: [[Int]]
        }

        var texts: [String]
        var named: [Named]
        var pre_tokenizers: [PreTokenizer]
    }

    private let url = tokenizerFixtures.appending(path: "splits.json")
    private var expected: Expected {
        get throws { try JSONDecoder().decode(Expected.self, from: Data(contentsOf: url)) }
    }

    private func check(_ preTokenizer: PreTokenizer, _ name: String, _ texts: [String], _ lengths: [[Int]]) throws {
        XCTAssertEqual(texts.count, lengths.count, name)
        for (text, expected) in zip(texts, lengths) {
            let words = try Array(text.utf8).withUnsafeBufferPointer { try preTokenizer.words(of: $0) }
            XCTAssertEqual(words.map(\.count), expected, "\(name): \(text.debugDescription)")
        }
    }

    func testNamesCutAsLlamaCppDoes() throws {
        let expected = try expected
        XCTAssertEqual(expected.texts.count, 83)
        for group in expected.named {
            for name in group.names {
                try check(
                    NamedPreTokenizer.named(name, place: "test").preTokenizer, name, expected.texts, group.lengths)
            }
        }
        let known = Set(expected.named.flatMap(\.names))
        XCTAssertEqual(Set(NamedPreTokenizer.names).subtracting(known), [], "names that no oracle checks")
        XCTAssertGreaterThan(known.count, 70)
    }

    func testTokenizerFilesCutAsHuggingFaceDoes() throws {
        let expected = try expected
        let file = try JSONField(contentsOf: url)
        let fields = try file.required("pre_tokenizers").elements()
        XCTAssertEqual(fields.count, 20)
        for (field, group) in zip(fields, expected.pre_tokenizers) {
            let reader = try PreTokenizerReader(field.required("pre_tokenizer"))
            try check(reader.preTokenizer, group.name, expected.texts, group.lengths)
        }
    }

    /// The scanners, which stand for the patterns that most models have, against the same patterns run as such.
    func testScannersCutAsTheirPatternsDo() throws {
        let texts = try expected.texts
        var scanners = 0
        let patterns =
            LlamaCppPatterns.groups.flatMap(\.patterns) + [
                #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
            ]
        for source in Set(patterns) {
            guard let scanner = KnownPattern.stage(for: source) else { continue }
            scanners += 1
            let pattern = PreTokenizer(stages: [.pattern(try SplitPattern(source), .isolated, inverts: false)])
            let lengths = try texts.map { text in
                try Array(text.utf8).withUnsafeBufferPointer { try pattern.words(of: $0).map(\.count) }
            }
            try check(PreTokenizer(stages: [scanner]), source, texts, lengths)
        }
        XCTAssertEqual(scanners, 11)
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
        for name in ["kimi-k2", "superbpe", "whitespace", "sarvam-moe", "x"] {
            XCTAssertThrowsError(try NamedPreTokenizer.named(name, place: "m.gguf: tokenizer.ggml.pre")) { error in
                XCTAssertEqual((error as? InputError)?.kind, .unsupported)
                let text = "\(error)"
                for part in [name, "m.gguf: tokenizer.ggml.pre", "llama-bpe", "tekken", "deepseek-v3"] {
                    XCTAssertTrue(text.contains(part), "\(part) is missing in: \(text)")
                }
            }
        }
    }
}
