import DataFiles
import XCTest
import _TestSupport

@testable import Tokenization

final class StreamingDecoderTests: XCTestCase {
    /// All texts of a fixture, token by token: joined they are what decoding at once gives, and no piece ends inside a
    /// character.
    func testJoinedPiecesAreTheDecodedText() throws {
        for (name, cases) in [
            ("llama2-style", "llama2-style/expected.json"), ("qwen2-style", "qwen2-style/expected.json"),
            ("metaspace-first", "metaspace-first/expected.json"), ("llama-spm.gguf", "llama-spm.gguf.json"),
            ("user-defined.gguf", "user-defined.gguf.json"),
        ] {
            let tokenizer = try fixtureTokenizer(name)
            for expected in try ExpectedCases.read(tokenizerFixtures.appending(path: cases)).cases {
                for continuing in [false, true] {
                    var decoder = StreamingDecoder(tokenizer, continuing: continuing)
                    var joined = ""
                    for id in expected.parsed { joined += try decoder.text(for: id) }
                    joined += decoder.finish()
                    let whole = try tokenizer.decode(expected.parsed, continuing: continuing)
                    XCTAssertEqual(Array(joined.utf8), Array(whole.utf8), "\(name): \(expected.text.debugDescription)")
                    if !expected.text.contains("\u{FFFD}"), tokenizer.kind.algorithm == .characterBPE {
                        XCTAssertFalse(joined.contains("\u{FFFD}"), "\(name): half a character in \(joined)")
                    }
                }
            }
        }
    }

    func testCharactersWaitForTheirLastByte() throws {
        let tokenizer = try fixtureTokenizer("smollm.gguf")
        let bytes = Array("a🙂é".utf8)
        let ids = try bytes.map { byte in
            try XCTUnwrap(tokenizer.token(spelled: String(ByteLevelAlphabet.scalars[Int(byte)])), "byte \(byte)")
        }
        var decoder = StreamingDecoder(tokenizer)
        let pieces = try ids.map { try decoder.text(for: $0) }
        XCTAssertEqual(pieces, ["a", "", "", "", "🙂", "", "é"])
        XCTAssertEqual(decoder.finish(), "")
    }

    func testInvalidBytesAreRepairedAsInTheWholeText() throws {
        let tokenizer = try fixtureTokenizer("smollm.gguf")
        let sequences: [[UInt8]] = [
            [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x41], [0xE0, 0x80, 0x41], [0xED, 0xA0, 0x80], [0xC3, 0xC3, 0xA9],
            [0x80, 0x80, 0x41], [0xF4, 0x90, 0x80, 0x80], [0xFF, 0xFE, 0xC0, 0xAF], [0x41, 0xE2, 0x82],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xE2, 0x82, 0xE2, 0x82, 0xAC],
        ]
        for bytes in sequences {
            let ids = try bytes.map { byte in
                try XCTUnwrap(tokenizer.token(spelled: String(ByteLevelAlphabet.scalars[Int(byte)])), "byte \(byte)")
            }
            var decoder = StreamingDecoder(tokenizer)
            var joined = ""
            for id in ids { joined += try decoder.text(for: id) }
            joined += decoder.finish()
            XCTAssertEqual(joined, String(decoding: bytes, as: UTF8.self), "\(bytes)")
            XCTAssertEqual(joined, try tokenizer.decode(ids), "\(bytes)")
        }
    }

    func testLeadingSpaceIsKeptWhereTheTextGoesOn() throws {
        let tokenizer = try fixtureTokenizer("llama-spm.gguf")
        let ids = try tokenizer.encode("light", specialTokens: .parsed)
        XCTAssertEqual(try tokenizer.decode(ids), "light")
        XCTAssertEqual(try tokenizer.decode(ids, continuing: true), " light")
    }

    /// Rows of an embedding that no token is for: a model may choose one.
    func testIDsBeyondTheVocabularyHaveNoText() throws {
        for name in ["smollm.gguf", "llama-spm.gguf"] {
            let tokenizer = try fixtureTokenizer(name)
            let ids = try tokenizer.encode("light night", specialTokens: .parsed)
            for beyond in [tokenizer.vocabularyCount, tokenizer.vocabularyCount + 7, Int.max] {
                let padded = Array(ids.prefix(1)) + [beyond] + Array(ids.dropFirst()) + [beyond]
                XCTAssertEqual(try tokenizer.decode(padded), "light night", "\(name), \(beyond)")
                XCTAssertEqual(try tokenizer.piece(beyond), "")
                var decoder = StreamingDecoder(tokenizer)
                XCTAssertEqual(try padded.map { try decoder.text(for: $0) }.joined() + decoder.finish(), "light night")
            }
        }
    }

    /// A character's bytes go on behind such an id.
    func testIDsBeyondTheVocabularyWithinACharacter() throws {
        let tokenizer = try fixtureTokenizer("smollm.gguf")
        let first = try XCTUnwrap(tokenizer.token(spelled: "Ã"))
        let second = try XCTUnwrap(tokenizer.token(spelled: "©"))
        XCTAssertEqual(try tokenizer.decode([first, tokenizer.vocabularyCount, second]), "é")
    }

    func testWrongIDsAreErrors() throws {
        let tokenizer = try fixtureTokenizer("smollm.gguf")
        var decoder = StreamingDecoder(tokenizer)
        for id in [-1, Int.min] {
            XCTAssertThrowsError(try decoder.text(for: id), "\(id)")
            XCTAssertThrowsError(try tokenizer.decode([0, id])) { XCTAssertTrue("\($0)".contains("\(id)"), "\($0)") }
        }
        for id in [-1, tokenizer.vocabularyCount, Int.max, Int.min] {
            XCTAssertThrowsError(try tokenizer.requireTokens([0, id])) { error in
                XCTAssertEqual((error as? InputError)?.kind, .usage)
                XCTAssertTrue("\(error)".contains("\(id)"), "\(error)")
            }
        }
        XCTAssertNoThrow(try tokenizer.requireTokens([0, tokenizer.vocabularyCount - 1]))
    }
}
