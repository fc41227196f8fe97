import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Tokenization

/// The vocabularies of real models with the ids that llama.cpp's own tests expect of them
/// (`Fixtures/fetch-llama-vocabularies.sh`).
final class LlamaCppVocabularyTests: XCTestCase {
    func testEveryVocabularyGivesLlamaCppsIds() throws {
        let folder = try FixtureLocation.fetched("vocabularies")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
        let files = names.filter { $0.hasSuffix(".gguf") }.sorted()
        var checked = 0
        var refused: [String] = []
        for name in files {
            let url = folder.appending(path: name)
            guard let inputs = try? String(contentsOf: url.appendingPathExtension("inp"), encoding: .utf8) else {
                continue
            }
            do {
                try check(Tokenizer(contentsOf: url), inputs, url, name)
                checked += 1
            } catch let error as InputError where error.description.contains("WordPiece") {
                refused.append(name)
            }
        }
        XCTAssertEqual(checked, 14)
        XCTAssertEqual(refused, ["ggml-vocab-bert-bge.gguf"])
    }

    private func check(_ tokenizer: Tokenizer, _ inputs: String, _ url: URL, _ name: String) throws {
        let outputs = try String(contentsOf: url.appendingPathExtension("out"), encoding: .utf8)
        let texts = inputs.components(separatedBy: "\n__ggml_vocab_test__\n")
        // Some files end with a line feed.
        let lines = outputs.components(separatedBy: "\n").prefix(texts.count)
        XCTAssertGreaterThanOrEqual(texts.count, 46, name)
        XCTAssertEqual(texts.count, lines.count, "\(name): texts and lines of ids")
        for (text, line) in zip(texts, lines) {
            let expected = line.split(separator: " ").compactMap { Int($0) }
            let ids = try tokenizer.encode(text, specialTokens: .plainText)
            XCTAssertEqual(ids, expected, "\(name): \(text.debugDescription)")
            XCTAssertEqual(try tokenizer.decode(expected), text, "\(name): \(text.debugDescription) decoded")
        }
    }

    /// What libllama says of the same files: the tokens that end a generation, the beginning, and whether it is added.
    func testEndsAndBeginningsAreLlamaCpps() throws {
        let expected: [(name: String, ends: Set<Int>, beginning: Int, isAdded: Bool)] = [
            ("aquila", [0, 100007], 0, false), ("command-r", [0, 255001], 5, true),
            ("deepseek-coder", [32014], 32013, true), ("gemma-4", [1, 50, 106], 2, true),
            ("gpt-neox", [0], 0, false), ("llama-bpe", [128001, 128009], 128000, true),
            ("phi-3", [2, 32000, 32007], 1, true), ("qwen35", [128247, 151643, 151645], 151643, false),
            ("refact", [0, 4, 18], 0, false), ("starcoder", [0, 4], 0, false),
        ]
        for (name, ends, beginning, isAdded) in expected {
            let tokenizer = try Tokenizer(
                contentsOf: FixtureLocation.fetched("vocabularies/ggml-vocab-\(name).gguf"))
            XCTAssertEqual(tokenizer.endOfGenerationTokens, ends, name)
            XCTAssertEqual(tokenizer.bosToken, beginning, name)
            XCTAssertEqual(tokenizer.addsBeginning, isAdded, name)
        }
    }

    /// Tokenizers of other kinds are refused by their names.
    func testOtherModelsAreNamed() throws {
        let url = try FixtureLocation.fetched("vocabularies/ggml-vocab-nomic-bert-moe.gguf")
        XCTAssertThrowsError(try Tokenizer(contentsOf: url)) { error in
            XCTAssertEqual((error as? InputError)?.kind, .unsupported)
            for part in ["t5", "unigram", "tokenizer.ggml.model"] {
                XCTAssertTrue("\(error)".contains(part), "\(error)")
            }
        }
    }
}
