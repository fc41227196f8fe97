import Checkpoints
import Foundation
import Interchange
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// The original from a baked model, and records that are missing or broken.
final class UnbakingTests: XCTestCase {
    private let workers = WorkerPool(count: 2)

    private func edits(_ c: ModelConfiguration) -> [Edit] {
        [
            .z(layer: 1, head: 1, positions: .all, .add(noise(c.headSize, seed: 1))),
            .z(layer: 0, head: 0, positions: .all, .zero),
            .z(layer: 2, head: 2, positions: .all, .setComponent(unitNoise(c.headSize, seed: 2), 2)),
        ]
    }

    func testTheOriginalComesBackToTheByte() throws {
        let folder = try makeTemporaryFolder()
        for name in [
            TestModel.planted, TestModel.grouped, TestModel.groupedFolder, TestModel.sharded, TestModel.llama2,
        ] {
            let test = try TestModel(name)
            let file = name.replacingOccurrences(of: "/", with: "-")
            let (baked, restored) = (folder.appending(path: "baked-\(file)"), folder.appending(path: "back-\(file)"))
            try Bake(
                test.model, edits: edits(test.configuration), plan: #"{"a": "plan"}"#, everywhere: true,
                workers: workers
            ).write(to: baked)
            let record = try Unbake.write(Checkpoint(contentsOf: baked), to: restored, workers: workers)
            XCTAssertEqual(record.plan, #"{"a": "plan"}"#, name)
            XCTAssertTrue(record.isEverywhere, name)
            XCTAssertEqual(record.originalFingerprint, try test.model.fingerprint(workers: workers), name)
            XCTAssertEqual(
                record.changed.count + record.added.count, record.changed.count == 2 ? 2 + record.added.count : 4, name)

            let model = try LanguageModel(contentsOf: restored)
            XCTAssertEqual(try model.fingerprint(workers: workers), record.originalFingerprint, name)
            XCTAssertNil(try BakeRecord(model.checkpoint), name)
            let (old, new) = try (test.model.checkpoint.tensors(), model.checkpoint.tensors())
            XCTAssertEqual(old.map(\.name), new.map(\.name), name)
            for (before, after) in zip(old, new) {
                XCTAssertEqual(before.type, after.type, "\(name): \(before.name)")
                XCTAssertEqual(before.shape, after.shape, "\(name): \(before.name)")
                XCTAssertTrue(before.bytes.elementsEqual(after.bytes), "\(name): \(before.name) has other bytes")
            }
            let source = FixtureLocation.fixtures.appending(path: name)
            if name.hasSuffix(".gguf") {
                XCTAssertEqual(try Data(contentsOf: restored), try Data(contentsOf: source), "\(name): the whole file")
            } else {
                for text in ["config.json", "model.safetensors.index.json"] {
                    XCTAssertEqual(
                        try? Data(contentsOf: restored.appending(path: text)),
                        try? Data(contentsOf: source.appending(path: text)), "\(name): \(text)")
                }
                XCTAssertEqual(
                    FileManager.default.contentsOfDirectoryOrNone(restored).sorted(),
                    FileManager.default.contentsOfDirectoryOrNone(source).sorted(), name)
            }
        }
    }

    /// Metadata of all types, an alignment of its own, and quantised tensors survive both ways.
    func testMetadataAndAlignmentStay() throws {
        let folder = try makeTemporaryFolder()
        let source = folder.appending(path: "source.gguf")
        let original = try GGUFFile(contentsOf: FixtureLocation.fixtures.appending(path: TestModel.planted))
        var metadata = try original.storedMetadata().map { ($0.key, GGUFWriterValue.stored($0.value)) }
        metadata += [
            ("extra.u8", .uint8(200)), ("extra.i8", .int8(-3)), ("extra.u16", .uint16(60000)),
            ("extra.i16", .int16(-300)),
            ("extra.u64", .uint64(.max)), ("extra.i64", .int64(.min)), ("extra.f64", .float64(.pi)),
            ("extra.bool", .bool(true)), ("extra.flags", .boolArray([true, false])),
            ("extra.bytes", .encoded(type: 9, bytes: [0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 7, 8, 9])),
            ("extra.empty", .stringArray([])), ("extra.text", .string("ä\u{0}ö")),
        ]
        try GGUFWriter(metadata: metadata, tensors: original.tensors.map { .init(copying: $0) }, alignment: 128)
            .write(to: source)
        let model = try LanguageModel(contentsOf: source)
        let (baked, restored) = (folder.appending(path: "baked.gguf"), folder.appending(path: "restored.gguf"))
        try Bake(model, edits: edits(model.configuration), plan: "{}", workers: workers).write(to: baked)
        let file = try GGUFFile(contentsOf: baked)
        XCTAssertEqual(try file.metadata.integer("general.alignment"), 128)
        XCTAssertTrue(file.tensors.allSatisfy { $0.range.lowerBound % 128 == 0 })
        XCTAssertEqual(
            try file.metadata["tokenizer.ggml.tokens"]?.array?.strings(),
            try original.metadata["tokenizer.ggml.tokens"]?.array?.strings())
        XCTAssertEqual(file.metadata["extra.u64"]?.integer, nil)
        XCTAssertEqual(file.metadata["extra.f64"]?.double, .pi)
        XCTAssertEqual(try file.metadata.string("extra.text"), "ä\u{0}ö")
        XCTAssertEqual(try file.metadata["extra.bytes"]?.array?.integers(), [7, 8, 9])
        try Unbake.write(Checkpoint(contentsOf: baked), to: restored, workers: workers)
        XCTAssertEqual(try Data(contentsOf: restored), try Data(contentsOf: source))
    }

    func testModelsWithoutBakedEditsAndTwiceBakedOnesAreRefused() throws {
        let folder = try makeTemporaryFolder()
        for name in [TestModel.planted, TestModel.sharded] {
            let test = try TestModel(name)
            let url = folder.appending(path: "baked-\(name.replacingOccurrences(of: "/", with: "-"))")
            let out = folder.appending(path: "out")
            assertRefused(saying: "without baked edits") {
                try Unbake.write(test.model.checkpoint, to: out, workers: workers)
            }
            try Bake(test.model, edits: edits(test.configuration), plan: "{}", workers: workers).write(to: url)
            let baked = try LanguageModel(contentsOf: url)
            assertRefused(saying: "already", "--undo") {
                _ = try Bake(baked, edits: [], plan: "{}", workers: workers)
            }
            XCTAssertFalse(FileManager.default.fileExists(atPath: out.path))
        }
    }

    /// A record that lacks a part, or that says something else than the file holds, is an error that leaves no file.
    func testBrokenRecordsThrow() throws {
        let folder = try makeTemporaryFolder()
        let test = try TestModel(TestModel.planted)
        let url = folder.appending(path: "baked.gguf")
        try Bake(test.model, edits: edits(test.configuration), plan: "{}", workers: workers).write(to: url)
        let file = try GGUFFile(contentsOf: url)
        let stored = try file.storedMetadata()
        let matrix = "headsteer.baked.original.blk.0.attn_output.weight"
        XCTAssertTrue(stored.contains { $0.key == matrix })
        let cases: [(String, GGUFWriterValue?, String)] = [
            ("headsteer.baked.format", nil, "no headsteer.baked.format"),
            ("headsteer.baked.format", .string("headsteer.baked/9"), "headsteer.baked/9"),
            ("headsteer.baked.plan", .uint32(3), "not a string"),
            ("headsteer.baked.everywhere", .string("yes"), "everywhere"),
            ("headsteer.baked.original-fingerprint", .string("sha256:0"), "another fingerprint"),
            ("headsteer.baked.added", .string("blk.1.attn_output.bias"), "isn't an array"),
            ("headsteer.baked.added", .stringArray(["nobody"]), "nobody"),
            ("headsteer.baked.added", .stringArray([]), "another fingerprint"),
            ("headsteer.baked.added", .stringArray(["token_embd.weight"]), "can't be opened"),
            ("headsteer.baked.changed", .int32Array([1]), "strings"),
            ("headsteer.baked.changed", .stringArray(["nobody"]), "nobody"),
            ("headsteer.baked.changed", .stringArray(["output_norm.weight"]), "no array of bytes"),
            ("headsteer.baked.changed", .stringArray([]), "another fingerprint"),
            (matrix, nil, "no array of bytes"), (matrix, .string("bytes"), "no array of bytes"),
            (matrix, .encoded(type: 9, bytes: [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7]), "1 bytes"),
            (matrix, .float32Array([1, 2]), "no array of bytes"), (matrix + ".type", nil, "no known type"),
            (matrix + ".type", .uint32(77), "no known type"), (matrix + ".type", .int64(-1), "no known type"),
            (matrix + ".type", .uint32(12), "make a tensor of the shape"), (matrix + ".shape", nil, "shape"),
            (matrix + ".shape", .uint32Array([3]), "shape"), (matrix + ".shape", .stringArray(["a"]), "numbers"),
        ]
        for (index, (key, value, words)) in cases.enumerated() {
            let damaged = folder.appending(path: "damaged-\(index).gguf")
            let metadata = stored.compactMap { entry -> (key: String, value: GGUFWriterValue)? in
                entry.key == key ? value.map { (key, $0) } : (entry.key, .stored(entry.value))
            }
            try GGUFWriter(metadata: metadata, tensors: file.tensors.map { .init(copying: $0) }).write(to: damaged)
            let out = folder.appending(path: "out-\(index).gguf")
            assertRefused(saying: words) {
                try Unbake.write(Checkpoint(contentsOf: damaged), to: out, workers: workers)
            }
            XCTAssertEqual(
                FileManager.default.contentsOfDirectoryOrNone(folder).filter {
                    $0.contains("out-") || $0.hasPrefix(".")
                }, [],
                "case \(index) left a file")
        }
    }

    func testBrokenRecordsOfFoldersThrow() throws {
        let folder = try makeTemporaryFolder()
        let test = try TestModel(TestModel.sharded)
        let baked = folder.appending(path: "baked")
        try Bake(test.model, edits: edits(test.configuration), plan: "{}", workers: workers).write(to: baked)
        let recordURL = baked.appending(path: "headsteer-original.safetensors")
        let record = try SafetensorsFile(contentsOf: recordURL)
        let matrix = "model.layers.0.self_attn.o_proj.weight"
        func write(_ metadata: [String: String], without: String? = nil) throws {
            var writer = SafetensorsWriter(metadata: metadata)
            for entry in record.entries where entry.name != without { writer.add(copying: entry, of: record) }
            try writer.write(to: recordURL)
        }
        func changing(_ key: String, _ value: String?) -> [String: String] {
            var metadata = record.metadata
            metadata["headsteer.baked." + key] = value
            return metadata
        }
        let cases: [([String: String], String?, String)] = [
            ([:], nil, "no headsteer.baked.format"), (changing("everywhere", "perhaps"), nil, "everywhere"),
            (changing("added", "[1]"), nil, "a JSON array of names"),
            (changing("changed", "nothing"), nil, "a JSON array of names"),
            (changing("changed", #"["nobody"]"#), nil, "nobody"), (record.metadata, matrix, matrix),
            (changing("file.config.json", nil), nil, "config.json"),
            (changing("file.config.json", "{"), nil, "can't be opened"),
            (changing("file.config.json", #"{"model_type": "llama"}"#), nil, "can't be opened"),
            (changing("original-fingerprint", "x"), nil, "another fingerprint"),
            (changing("added", "[]"), nil, "can't be opened"),
        ]
        for (index, (metadata, missing, words)) in cases.enumerated() {
            try write(metadata, without: missing)
            let out = folder.appending(path: "out")
            assertRefused(saying: words) { try Unbake.write(Checkpoint(contentsOf: baked), to: out, workers: workers) }
            XCTAssertEqual(FileManager.default.contentsOfDirectoryOrNone(folder).sorted(), ["baked"], "case \(index)")
        }
        try write(record.metadata)
        try Unbake.write(Checkpoint(contentsOf: baked), to: folder.appending(path: "out"), workers: workers)
    }
}
