import DataFiles
import Foundation
import Generation
import TensorCore
import Tokenization
import Transformer
import XCTest
import _TestSupport

/// Texts of the real model as they come, in many scripts, against transformers' greedy texts: `Fixtures/reference/smollm2.py`.
final class SmolLM2StreamTests: XCTestCase {
    func testPiecesAreTheKnownTexts() throws {
        let file = try FixtureLocation.fetched(.smolLM2, onlyInRelease: true)
        let (model, tokenizer) = (try LanguageModel(contentsOf: file), try Tokenizer(contentsOf: file))
        let workers = WorkerPool()
        let facts = try JSONObject(contentsOf: FixtureLocation.fixtures.appending(path: "reference/smollm2.json"))
        let prompts = try XCTUnwrap(facts.objects("prompts"))
        XCTAssertEqual(prompts.count, 20)
        for known in prompts {
            let kind = try known.string("kind") ?? ""
            let prompt = try tokenizer.encode(try XCTUnwrap(known.string("text")), specialTokens: .parsed)
            XCTAssertEqual(prompt, try known.integers("ids"), kind)
            let ids = try XCTUnwrap(known.integers("greedyIds"))
            let stream = try TokenStream(
                GenerationRequest(prompt: prompt, maxTokens: ids.count), model: model, tokenizer: tokenizer,
                workers: workers)
            var pieces: [String] = []
            for event in stream {
                switch event {
                case .token(_, let text): pieces.append(text)
                case .finished(let text, _): pieces.append(text)
                }
            }
            XCTAssertEqual(stream.ids, ids, kind)
            XCTAssertEqual(pieces.joined(), try known.string("greedyText"), kind)
            // What a piece has said isn't taken back: none but the last is half a character.
            XCTAssertFalse(pieces.dropLast().joined().contains("\u{FFFD}"), "\(kind): \(pieces)")
        }
    }
}
