import Checkpoints
import DataFiles
import Foundation
import XCTest
import _TestSupport

final class HuggingFaceFolderTests: XCTestCase {
    /// A copy of one of the tiny models, to be broken.
    private func copy(_ name: String) throws -> URL {
        let folder = try makeTemporaryFolder().appending(path: name)
        try FileManager.default.copyItem(
            at: FixtureLocation.fixtures.appending(path: "tiny-llamas/\(name)"), to: folder)
        return folder
    }

    func testShards() throws {
        let folder = try HuggingFaceFolder(contentsOf: copy("sharded-bf16"))
        XCTAssertEqual(folder.files.count, 2)
        XCTAssertEqual(folder.tensorNames.count, 29)
        let embedding = try XCTUnwrap(folder.weights("model.embed_tokens.weight"))
        XCTAssertEqual(embedding.shape, [96, 48])
        XCTAssertEqual(embedding.format, .bf16)
        XCTAssertNil(try folder.weights("lm_head.weight"))
    }

    func testTheOnlyFileOfAnotherName() throws {
        let folder = try copy("grouped")
        try FileManager.default.moveItem(
            at: folder.appending(path: "model.safetensors"), to: folder.appending(path: "weights.safetensors"))
        XCTAssertEqual(try HuggingFaceFolder(contentsOf: folder).tensorNames.count, 42)
        try FileManager.default.copyItem(
            at: folder.appending(path: "weights.safetensors"), to: folder.appending(path: "other.safetensors"))
        assertInputError(.missingFile, naming: "model.safetensors") { _ = try HuggingFaceFolder(contentsOf: folder) }
    }

    func testMissingFiles() throws {
        let folder = try copy("sharded-bf16")
        try FileManager.default.removeItem(at: folder.appending(path: "model-00002-of-00002.safetensors"))
        assertInputError(.missingFile, naming: "model-00002-of-00002.safetensors") {
            _ = try Checkpoint(contentsOf: folder)
        }
        try FileManager.default.removeItem(at: folder.appending(path: "config.json"))
        assertInputError(.missingFile, naming: "config.json") { _ = try Checkpoint(contentsOf: folder) }
        let empty = try makeTemporaryFolder()
        assertInputError(.missingFile, naming: "config.json") { _ = try Checkpoint(contentsOf: empty) }
        assertInputError(.missingFile, naming: "nowhere.gguf", saying: ".gguf file or of a folder") {
            _ = try Checkpoint(contentsOf: empty.appending(path: "nowhere.gguf"))
        }
    }

    func testIndexThatPointsElsewhere() throws {
        let folder = try copy("sharded-bf16")
        let index = folder.appending(path: "model.safetensors.index.json")
        for name in ["../secret.safetensors", "/etc/passwd", "..", ".hidden", "sub/model.safetensors", ""] {
            let text = #"{"weight_map": {"model.norm.weight": "\#(name)"}}"#
            try Data(text.utf8).write(to: index)
            assertInputError(naming: "model.safetensors.index.json", saying: "model.norm.weight", name) {
                _ = try HuggingFaceFolder(contentsOf: folder)
            }
        }
        for (text, words) in [
            ("{}", "weight_map"), (#"{"weight_map": []}"#, "weight_map"), (#"{"weight_map": {"a": 3}}"#, "a is not"),
            ("no JSON", "JSON"),
        ] {
            try Data(text.utf8).write(to: index)
            assertInputError(naming: "model.safetensors.index.json", saying: words, text) {
                _ = try HuggingFaceFolder(contentsOf: folder)
            }
        }
    }

    func testTensorInTwoShards() throws {
        let folder = try copy("sharded-bf16")
        let first = folder.appending(path: "model-00001-of-00002.safetensors")
        let second = folder.appending(path: "model-00002-of-00002.safetensors")
        try FileManager.default.removeItem(at: second)
        try FileManager.default.copyItem(at: first, to: second)
        assertInputError(naming: "model-00002-of-00002.safetensors", saying: "another file has too") {
            _ = try HuggingFaceFolder(contentsOf: folder)
        }
    }
}
