import Checkpoints
import DataFiles
import Foundation
import Opening
import Sealing
import TensorCore
import Tokenization
import Transformer
import XCTest
import _TestSupport

final class TextModelTests: XCTestCase {
    private let url = FixtureLocation.fixtures.appending(path: "planted/planted.gguf")

    /// The same tokens and bits as by its parts.
    func testItIsItsParts() throws {
        let text = "The soup tasted"
        let model = try TextModel(contentsOf: url, workers: WorkerPool(count: 2))
        let tokenizer = try Tokenizer(contentsOf: url)
        let tokens = try tokenizer.encode(prompt: text, completion: "").prompt
        XCTAssertEqual(try model.tokens(of: text), tokens)
        let parts = try LanguageModel(contentsOf: url)
        let run = Run(parts, workers: WorkerPool(count: 1))
        run.sequences = [parts.makeSequence(promptCount: tokens.count)]
        let expected = try run.advance([Step(tokens: tokens)])[0].logits.elements
        let logits = try model.logits(after: text)
        XCTAssertEqual(logits.map(\.bitPattern), expected.map(\.bitPattern))

        let both = try [" wonderful", " dreadful"].map { try tokenizer.encode(prompt: text, completion: $0).completion }
        let common = zip(both[0], both[1]).prefix { $0 == $1 }.count
        run.sequences = [parts.makeSequence(promptCount: tokens.count + common)]
        let last = try run.advance([Step(tokens: tokens + both[0].prefix(common))])[0].logits.elements
        XCTAssertEqual(
            try model.logitDifference(" wonderful", " dreadful", after: text),
            last[both[0][common]] - last[both[1][common]])
    }

    func testEditsMoveTheLogits() throws {
        let model = try TextModel(contentsOf: url, workers: WorkerPool(count: 1))
        let plain = try model.logits(after: "The soup tasted")
        let same = try model.logits(
            after: "The soup tasted", edits: [.z(layer: 2, head: 1, positions: .last, .scale(1))])
        XCTAssertEqual(plain.map(\.bitPattern), same.map(\.bitPattern))
        XCTAssertNotEqual(
            plain,
            try model.logits(after: "The soup tasted", edits: [.z(layer: 2, head: 1, positions: .last, .scale(5))]))
    }

    func testWhatIsRefused() throws {
        let model = try TextModel(contentsOf: url, workers: WorkerPool(count: 1))
        func refused(_ word: String, _ work: () throws -> Void, line: UInt = #line) {
            XCTAssertThrowsError(try work(), line: line) {
                XCTAssertTrue("\($0)".contains(word), "“\(word)” is not in: \($0)", line: line)
            }
        }
        refused("begins with the other") { _ = try model.logitDifference(" good", " good", after: "The soup tasted") }
        refused("begins with the other") { _ = try model.logitDifference("", " good", after: "The soup tasted") }
        refused("blocks.77") {
            _ = try model.logits(after: "The soup", edits: [.z(layer: 77, head: 0, positions: .last, .zero)])
        }
        refused("no-such") { _ = try TextModel(contentsOf: URL(filePath: "no-such.gguf")) }
    }

    /// A Hugging Face folder without a tokenizer can't be opened for texts, and says what is missing.
    func testAModelWithoutATokenizer() throws {
        let folder = FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped")
        XCTAssertThrowsError(try TextModel(contentsOf: folder)) {
            XCTAssertTrue("\($0)".contains("tokenizer"), "\($0)")
        }
    }

    /// A sealed model gives the same bits with its key, and says that it needs one.
    func testASealedModel() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sealed = folder.appending(path: "model.sealed")
        let key = try SealingKey(bytes: [UInt8](repeating: 7, count: 32))
        _ = try Checkpoint(contentsOf: url).sealing().write(to: sealed, key: key, threads: 1, progress: { _ in })
        let plain = try TextModel(contentsOf: url, workers: WorkerPool(count: 1))
        let opened = try TextModel(contentsOf: sealed, key: key, workers: WorkerPool(count: 1))
        XCTAssertEqual(
            try opened.logits(after: "The soup tasted").map(\.bitPattern),
            try plain.logits(after: "The soup tasted").map(\.bitPattern))
        XCTAssertThrowsError(try TextModel(contentsOf: sealed)) { XCTAssertTrue("\($0)".contains("no key"), "\($0)") }
    }
}
