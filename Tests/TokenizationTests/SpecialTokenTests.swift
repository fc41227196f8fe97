import XCTest
import _TestSupport

@testable import Tokenization

final class SpecialTokenTests: XCTestCase {
    private func segments(
        _ text: String, _ patterns: [SpecialPattern], parsing: Bool = true, leftmost: Bool = false
    ) -> [String] {
        Array(text.utf8).withUnsafeBufferPointer { bytes in
            let found =
                leftmost
                ? LeftmostLongestMatcher(patterns).segments(of: 0..<bytes.count, in: bytes, parsing: parsing)
                : LongestFirstMatcher(patterns).segments(of: bytes, parsing: parsing)
            return found.map { segment in
                switch segment {
                case .text(let range): String(decoding: bytes[range], as: UTF8.self)
                case .token(let id): "#\(id)"
                }
            }
        }
    }

    private func pattern(
        _ text: String, _ id: Int, always: Bool = false, left: Bool = false, right: Bool = false, word: Bool = false
    ) -> SpecialPattern {
        SpecialPattern(
            bytes: Array(text.utf8), id: id, isAlwaysFound: always, stripsLeft: left, stripsRight: right,
            isSingleWord: word)
    }

    /// llama.cpp takes the longest token of the vocabulary first, Hugging Face's library the one that begins first.
    func testOverlappingTokens() {
        let patterns = [pattern("ab", 1), pattern("bcd", 2), pattern("a", 3)]
        XCTAssertEqual(segments("abcd", patterns), ["#3", "#2"])
        XCTAssertEqual(segments("abcd", patterns, leftmost: true), ["#1", "cd"])
        XCTAssertEqual(segments("xabab", patterns), ["x", "#1", "#1"])
        XCTAssertEqual(segments("", patterns), [])
    }

    func testPlainTextKeepsUserDefinedTokens() {
        let patterns = [pattern("<s>", 1), pattern("<tag>", 2, always: true)]
        XCTAssertEqual(segments("<s>a<tag>", patterns), ["#1", "a", "#2"])
        XCTAssertEqual(segments("<s>a<tag>", patterns, parsing: false), ["<s>a", "#2"])
        XCTAssertEqual(segments("<s>a<tag>", patterns, parsing: false, leftmost: true), ["<s>a", "#2"])
    }

    func testStrippedWhiteSpace() {
        let patterns = [pattern("<l>", 1, left: true), pattern("<r>", 2, right: true)]
        XCTAssertEqual(segments("a \t<l> b<r> \n c", patterns), ["a", "#1", " b", "#2", "c"])
        // Only Hugging Face's library takes white space outside ASCII for such.
        XCTAssertEqual(segments("a\u{2003}<l>b", patterns), ["a\u{2003}", "#1", "b"])
        XCTAssertEqual(segments("a\u{2003}<l>b", patterns, leftmost: true), ["a", "#1", "b"])
        XCTAssertEqual(segments("<r>\u{3000}x", patterns, leftmost: true), ["#2", "x"])
    }

    func testSingleWords() {
        let patterns = [pattern("word", 1, word: true)]
        XCTAssertEqual(
            segments("word sword words wörd-word", patterns, leftmost: true), ["#1", " sword words wörd-", "#1"])
        XCTAssertEqual(segments("éword", patterns, leftmost: true), ["éword"])
    }

    /// A file that says little of its ends: they are known by their texts, as in llama.cpp.
    func testEndsOfGenerationAreKnownByTheirTexts() {
        let texts = [
            "<unk>", "</s>", "hello", "<|im_end|>", "<|im_start|>", "<|eot_id|>", "<|endoftext|>", "<x>", "end",
        ]
        var vocabulary = Vocabulary(texts: texts, attributes: Array(repeating: .normal, count: texts.count))
        let ends = EndOfGeneration.find(in: &vocabulary, named: [8, nil])
        XCTAssertEqual(ends, [1, 3, 5, 6, 8])
        XCTAssertEqual(vocabulary.specialTokens.map(\.text), ["</s>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>"])

        var told = Vocabulary(
            texts: ["</s>", "<|im_end|>", "<eos>"], attributes: [.normal, .control, .userDefined])
        XCTAssertEqual(EndOfGeneration.find(in: &told, named: [], believesAttributes: true), [1, 2])
        XCTAssertEqual(told.attributes[0], .normal, "a tag of HTML")
    }

    /// What llama.cpp corrects in the vocabularies of gpt-oss and Gemma 4.
    func testEndsThatAreNone() {
        func ends(_ texts: [String]) -> (Set<Int>, [TokenAttribute]) {
            var vocabulary = Vocabulary(texts: texts, attributes: Array(repeating: .control, count: texts.count))
            return (EndOfGeneration.find(in: &vocabulary, named: []), vocabulary.attributes)
        }
        XCTAssertEqual(ends(["<|end|>", "<|return|>"]).0, [0, 1])
        let harmony = ends(["<|end|>", "<|return|>", "<|call|>", "<|channel|>", "<|fim_prefix|>"])
        XCTAssertEqual(harmony.0, [1, 2], "the model goes on after <|end|>")
        XCTAssertEqual(harmony.1, [.userDefined, .control, .control, .userDefined, .control])
        XCTAssertEqual(ends(["<|end|>", "<|flush|>", "<|calls|>"]).0, [1, 2])
        let gemma = ends(["</s>", "<turn|>", "<|tool_response>", "<eos>"])
        XCTAssertEqual(gemma.0, [1, 2, 3])
        XCTAssertEqual(gemma.1[0], .normal, "a tag of HTML")
        var middle = Vocabulary(texts: ["<fim_middle>", "▁<PRE>"], attributes: [.normal, .normal])
        XCTAssertEqual(EndOfGeneration.find(in: &middle, named: []), [])
        XCTAssertEqual(middle.attributes, [.control, .control])
    }

    func testByteNames() {
        for byte in UInt8.min...UInt8.max { XCTAssertEqual(Vocabulary.byte(named: Vocabulary.byteName(byte)), byte) }
        for text in ["<0x+A>", "<0xA>", "0x0A", "<0x0G>", "<0x０A>", ""] {
            XCTAssertNil(Vocabulary.byte(named: text), text)
        }
    }

    func testPiecesThatAreCanonicallyEquivalentAreDifferentTokens() {
        var pieces = PieceIndex()
        XCTAssertEqual(pieces.insert(Array("\u{E9}".utf8), id: 1), 1)
        XCTAssertEqual(pieces.insert(Array("e\u{301}".utf8), id: 2), 2)
        XCTAssertEqual(pieces.insert(Array("\u{E9}".utf8), id: 3), 1, "a piece keeps its first id")
        for number in 0..<1000 { pieces.insert(Array("piece \(number)".utf8), id: Int32(number + 10)) }
        XCTAssertEqual(pieces.id(of: Array("e\u{301}".utf8)), 2)
        XCTAssertEqual(pieces.id(of: Array("piece 777".utf8)), 787)
        XCTAssertEqual(pieces.id(of: Array("piece 1000".utf8)), -1)
    }
}
