import Checkpoints
import DataFiles
import Foundation
import TensorCore
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
        XCTAssertEqual(try embedding.format, .bf16)
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

    /// A file with tensors of every type that PyTorch writes (`Fixtures/safetensors/make.py`), as weights of a folder: it
    /// opens, they are listed and counted, and using one that is no F32, F16 or BF16 is an error that names both.
    func testTensorsThatAreNoWeights() throws {
        let url = try makeTemporaryFolder()
        try Data("{}".utf8).write(to: url.appending(path: "config.json"))
        try FileManager.default.copyItem(
            at: FixtureLocation.fixtures.appending(path: "safetensors/types.safetensors"),
            to: url.appending(path: "model.safetensors"))
        let checkpoint = try Checkpoint(contentsOf: url)
        let types = Dictionary(uniqueKeysWithValues: try checkpoint.tensors().map { ($0.name, $0.type.name) })
        XCTAssertEqual(
            types,
            [
                "bool": "BOOL", "uint8": "U8", "int8": "I8", "float8_e5m2": "F8_E5M2", "float8_e4m3fn": "F8_E4M3",
                "float8_e8m0fnu": "F8_E8M0", "float8_e4m3fnuz": "F8_E4M3FNUZ", "float8_e5m2fnuz": "F8_E5M2FNUZ",
                "int16": "I16", "uint16": "U16", "float16": "F16", "bfloat16": "BF16", "int32": "I32",
                "uint32": "U32", "float32": "F32", "complex64": "C64", "float64": "F64", "int64": "I64",
                "uint64": "U64", "float4_e2m1fn_x2": "F4",
            ])
        let folder = try HuggingFaceFolder(contentsOf: url)
        for (name, type) in types {
            if ["F32", "F16", "BF16"].contains(type) {
                XCTAssertEqual(try folder.weights(name)?.format.name, type)
            } else {
                assertInputError(
                    naming: "model.safetensors: \(name)",
                    saying:
                        "stored as \(type), which is not supported in \(url.path)/model.safetensors: \(name); convert"
                        + " the model to one of F32 F16 BF16"
                ) { _ = try folder.weights(name) }
            }
        }
        let workers = WorkerPool(count: 1)
        let fingerprint = try checkpoint.fingerprint(configuration: "", workers: workers)
        let file = url.appending(path: "model.safetensors")
        var data = try Data(contentsOf: file)
        data[data.count - 1] ^= 1
        try data.write(to: file)
        XCTAssertNotEqual(
            try Checkpoint(contentsOf: url).fingerprint(configuration: "", workers: workers), fingerprint,
            "a truth value counts too")
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
