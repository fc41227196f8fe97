import DataFiles
import Foundation
import Generation
import HeadSteerTesting
import Monitoring
import Transformer
import XCTest
import _TestSupport

/// Answers that monitors are fitted on.
final class AnswerWritingTests: XCTestCase {
    /// Work that was killed goes on after its last finished batch, with the same answers; what can't be answers is written anew.
    func testTheyGoOnAfterAKill() throws {
        let planted = try PlantedModel()
        let preparation = try WatchedTextPreparation(planted.tokenizer)
        // More than one batch, of which the last isn't full.
        let prompts = try (0..<20).map {
            try preparation.preparePrompt(
                PlainText(completion: "We had a day \($0) and", group: "\($0)"), file: "prompts")
        }
        func write(_ parts: PartJournal = PartJournal(), temperature: Double = 1) throws -> [[Int]] {
            var writing = AnswerWriting(
                planted.model, workers: planted.workers, maxTokens: 3,
                endTokens: planted.tokenizer.endOfGenerationTokens,
                sampling: Sampling(temperature: temperature))
            writing.parts = parts
            return try writing.answers(to: prompts).map(\.tokens)
        }
        let straight = try write()
        XCTAssertEqual(straight.count, 20)
        XCTAssertNotEqual(try write(temperature: 0), straight, "they are drawn")
        let url = try makeTemporaryFolder().appending(path: "parts.journal")
        try {
            let parts = try PartJournal(url, key: "key")
            XCTAssertEqual(try write(parts), straight)
            XCTAssertEqual(parts.count, 2)
        }()
        let whole = try Data(contentsOf: url)
        for (length, computes) in [(whole.count - 2, true), (whole.count, false)] {
            try whole.prefix(length).write(to: url)
            let before = planted.workers.multiplications
            XCTAssertEqual(try write(PartJournal(url, key: "key")), straight, "\(length) of \(whole.count) bytes")
            XCTAssertEqual(planted.workers.multiplications > before, computes, "\(length) of \(whole.count) bytes")
        }
        for wrong in [[[1]], [[Int]](repeating: [1, 1, 1, 1], count: 16), [[Int]](repeating: [-1], count: 16)] {
            let parts = PartJournal()
            try parts.add("answers 0..<16", wrong)
            XCTAssertEqual(try write(parts), straight, "\(wrong)")
        }
    }
}
