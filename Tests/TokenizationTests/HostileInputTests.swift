import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Tokenization

/// Files that are not what they should be: each is an error that names the place, none a trap.
final class HostileInputTests: XCTestCase {
    private var folder = URL(filePath: "/")

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tokenization-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: folder) }

    private func tokenizer(_ json: String) throws -> Tokenizer {
        try Data(json.utf8).write(to: folder.appending(path: "tokenizer.json"))
        return try Tokenizer(contentsOf: folder)
    }

    private static let vocabulary = #"{"a": 0, "b": 1, "ab": 2, "Ġ": 3}"#
    private static let byteLevel = #"{"type": "ByteLevel", "add_prefix_space": false}"#

    private static func json(
        model: String? = nil, merges: String = #"["a b"]"#, preTokenizer: String = byteLevel,
        normalizer: String = "null", decoder: String = #"{"type": "ByteLevel"}"#, postProcessor: String = "null",
        added: String = "[]"
    ) -> String {
        let model = model ?? #"{"type": "BPE", "vocab": \#(vocabulary), "merges": \#(merges)}"#
        return #"""
            {"added_tokens": \#(added), "normalizer": \#(normalizer), "pre_tokenizer": \#(preTokenizer), "decoder": \#(decoder),
             "post_processor": \#(postProcessor), "model": \#(model)}
            """#
    }

    /// Steps that make 2¹⁶ letters of one, in few bytes.
    private static func doubling(_ steps: String) -> String {
        let step = #"{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}"#
        return #"{"type": "Sequence", "\#(steps)": [\#([String](repeating: step, count: 16).joined(separator: ", "))]}"#
    }

    func testTheSmallestTokenizerWorks() throws {
        let tokenizer = try tokenizer(Self.json())
        XCTAssertEqual(try tokenizer.encode("ab ba", specialTokens: .parsed), [2, 3, 1, 0])
        XCTAssertEqual(try tokenizer.decode([2, 3, 1, 0]), "ab ba")
    }

    /// What is wrong, and the parts of the message that name it.
    func testEachFaultIsNamed() throws {
        let faults: [(json: String, parts: [String])] = [
            ("", ["tokenizer.json", "byte 0"]),
            ("{", ["tokenizer.json", "byte 1"]),
            ("[]", ["an array where an object should be"]),
            ("{}", ["no field model"]),
            (#"{"model": 3}"#, ["model", "a number where an object should be"]),
            (String(repeating: "[", count: 100_000), ["levels of nesting"]),
            (#"{"model": "\ud800"}"#, ["surrogate"]),
            (Self.json(model: #"{"type": "Unigram", "vocab": []}"#), ["Unigram", "BPE"]),
            (Self.json(model: #"{"type": "BPE", "vocab": {"a": -1}, "merges": []}"#), ["model.vocab", "\"a\""]),
            (Self.json(model: #"{"type": "BPE", "vocab": {"a": 16777215}, "merges": []}"#), ["16777215"]),
            (Self.json(model: #"{"type": "BPE", "vocab": {"a": 99999999999999999999}, "merges": []}"#), ["\"a\""]),
            (Self.json(model: #"{"type": "BPE", "vocab": {"a": 0, "b": 1, "a": 2}, "merges": []}"#), ["`a` twice"]),
            (Self.json(model: #"{"type": "BPE", "vocab": {}, "merges": []}"#), ["empty vocabulary"]),
            (
                Self.json(model: #"{"type": "BPE", "vocab": {"a": 0}, "merges": [], "unk_token": "<u>"}"#),
                ["unk_token <u>"]
            ),
            (
                Self.json(
                    model: #"{"type": "BPE", "vocab": {"a": 0}, "merges": [], "end_of_word_suffix": "</w>"}"#),
                ["end_of_word_suffix"]
            ),
            (Self.json(model: #"{"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1}"#), ["dropout"]),
            (Self.json(normalizer: Self.doubling("normalizers")), ["normalizer", "replacements by longer texts"]),
            (Self.json(decoder: Self.doubling("decoders")), ["decoder", "replacements by longer texts"]),
            (Self.json(merges: #"["a b", "a q"]"#), ["model.merges[1]", "\"q\""]),
            (Self.json(merges: #"["b a"]"#), ["model.merges[0]", "\"ba\""]),
            (Self.json(merges: #"["a b c"]"#), ["model.merges[0]", "no pair"]),
            (Self.json(merges: #"[["a"]]"#), ["model.merges[0]", "no pair"]),
            (Self.json(merges: #"{"a": 1}"#), ["model.merges"]),
            (Self.json(preTokenizer: #"{"type": "BertPreTokenizer"}"#), ["BertPreTokenizer", "pre_tokenizer"]),
            (
                Self.json(preTokenizer: #"{"type": "Split", "pattern": {"Regex": "\\w+"}, "behavior": "Isolated"}"#),
                [#"the pattern \w+"#, "pre_tokenizer.pattern.Regex"]
            ),
            (
                Self.json(preTokenizer: #"{"type": "Split", "pattern": {"String": ""}, "behavior": "Isolated"}"#),
                ["empty text", "pre_tokenizer.pattern.String"]
            ),
            (
                Self.json(preTokenizer: #"{"type": "Split", "pattern": {"String": "x"}, "behavior": "Merged"}"#),
                ["the behavior Merged", "Contiguous"]
            ),
            (Self.json(normalizer: #"{"type": "Lowercase"}"#), ["Lowercase", "normalizer"]),
            (
                Self.json(
                    normalizer:
                        #"{"type": "Replace", "pattern": {"String": "a"}, "content": "\#(String(repeating: "a", count: 999))"}"#
                ), ["999 bytes"]
            ),
            (Self.json(decoder: #"{"type": "WordPiece"}"#), ["WordPiece", "decoder"]),
            (Self.json(decoder: "null"), ["decoder"]),
            (
                Self.json(
                    decoder: #"{"type": "Sequence", "decoders": [{"type": "Strip", "start": 9223372036854775807}]}"#),
                ["Strip"]
            ),
            (Self.json(postProcessor: #"{"type": "BertProcessing"}"#), ["BertProcessing", "post_processor"]),
            (
                Self.json(postProcessor: #"{"type": "TemplateProcessing", "single": 1, "special_tokens": {}}"#),
                ["post_processor.single"]
            ),
            (Self.json(added: #"[{"content": "<x>"}]"#), ["added_tokens[0]", "no field id"]),
            (Self.json(added: #"[{"content": "<x>", "id": 4000000}]"#), ["4000000"]),
        ]
        for fault in faults {
            XCTAssertThrowsError(try tokenizer(fault.json), "no error for \(fault.json.prefix(300))") { error in
                XCTAssertTrue(error is InputError, "\(error)")
                for part in fault.parts {
                    XCTAssertTrue("\(error)".contains(part), "“\(part)” is missing in “\(error)”")
                }
            }
        }
    }

    func testSequencesWithinSequencesAreBounded() {
        let deep = String(repeating: #"{"type": "Sequence", "pretokenizers": ["#, count: 40)
        let ends = String(repeating: "]}", count: 40)
        XCTAssertThrowsError(try tokenizer(Self.json(preTokenizer: deep + Self.byteLevel + ends))) {
            XCTAssertTrue("\($0)".contains("Sequence"), "\($0)")
        }
    }

    /// Damaged vocabularies are read or refused; what is read tokenizes without a trap.
    func testDamagedGGUFFiles() throws {
        var generator = SeededRandom(state: 7)
        for name in ["llama-spm", "user-defined"] {
            let original = try Data(contentsOf: tokenizerFixtures.appending(path: "\(name).gguf"))
            var read = 0
            for round in 0..<60 {
                var bytes = original
                for _ in 0..<(round % 3 + 1) {
                    // Half of the damage falls on the first KiB, where counts and types are.
                    let limit = Bool.random(using: &generator) ? 1024 : bytes.count
                    bytes[Int.random(in: 0..<limit, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
                if round % 7 == 0 { bytes = bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator)) }
                let url = folder.appending(path: "damaged.gguf")
                try bytes.write(to: url)
                do {
                    let tokenizer = try Tokenizer(contentsOf: url)
                    let ids = try tokenizer.encode("The <tag> lighthouse 123 日本 🙂  <s>", specialTokens: .parsed)
                    XCTAssertTrue(ids.allSatisfy { (0..<tokenizer.vocabularyCount).contains($0) }, "round \(round)")
                    _ = try tokenizer.decode(ids)
                    read += 1
                } catch let error as InputError {
                    XCTAssertTrue("\(error)".contains("damaged.gguf"), "\(error)")
                }
            }
            XCTAssertGreaterThan(read, 0, "no damaged \(name) was read: the test doesn't reach the tokenizer")
        }
    }

    /// Damaged `tokenizer.json` files likewise.
    func testDamagedTokenizerJSON() throws {
        var generator = SeededRandom(state: 11)
        let original = try Data(contentsOf: tokenizerFixtures.appending(path: "llama2-style/tokenizer.json"))
        var read = 0
        for round in 0..<60 {
            var bytes = original
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0x20...0x7E, using: &generator)
            try bytes.write(to: folder.appending(path: "tokenizer.json"))
            do {
                let tokenizer = try Tokenizer(contentsOf: folder)
                let ids = try tokenizer.encode("The lighthouse 123 日本 🙂  <s>", specialTokens: .parsed)
                XCTAssertTrue(ids.allSatisfy { (0..<tokenizer.vocabularyCount).contains($0) }, "round \(round)")
                _ = try tokenizer.decode(ids)
                read += 1
            } catch let error as InputError {
                XCTAssertTrue("\(error)".contains("tokenizer.json"), "\(error)")
            }
        }
        XCTAssertGreaterThan(read, 0)
    }
}

/// A seeded generator (SplitMix64), so that a failure can be had again.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
