import Checkpoints
import DataFiles
import Foundation
import TensorCore
import XCTest
import _TestSupport

/// Models in several files. Those in `Fixtures/gguf-writer` were written by the gguf package for Python (`make.py`): the model
/// of `reference.gguf` with a tensor in each file, and with none in the first.
final class GGUFSplitTests: XCTestCase {
    private static let fixtures = FixtureLocation.fixtures.appending(path: "gguf-writer")
    private static let workers = WorkerPool(count: 1)

    private static func name(_ number: Int, _ stem: String = "split") -> String {
        "\(stem)-0000\(number)-of-00003.gguf"
    }

    /// A copy of the three files, to be broken.
    private func copy() throws -> URL {
        let folder = try makeTemporaryFolder()
        for number in 1...3 {
            try FileManager.default.copyItem(
                at: Self.fixtures.appending(path: Self.name(number)),
                to: folder.appending(path: Self.name(number)))
        }
        return folder
    }

    /// The first file of a copy in which some bytes of a file are others: those after `key`'s name and type.
    private func changing(_ number: Int, _ key: String, to bytes: [UInt8]) throws -> URL {
        let folder = try copy()
        let url = folder.appending(path: Self.name(number))
        var data = try Data(contentsOf: url)
        let place = try XCTUnwrap(data.range(of: Data(key.utf8)), key).upperBound + 4
        data.replaceSubrange(place..<(place + bytes.count), with: bytes)
        try data.write(to: url)
        return folder.appending(path: Self.name(1))
    }

    func testSameModelAsInOneFile() throws {
        let whole = try GGUFFile(contentsOf: Self.fixtures.appending(path: "reference.gguf"))
        for stem in ["split", "split-metadata-first"] {
            let url = Self.fixtures.appending(path: Self.name(1, stem))
            let file = try GGUFFile(contentsOf: url)
            XCTAssertEqual(file.files.map(\.url.lastPathComponent), (1...3).map { Self.name($0, stem) })
            XCTAssertEqual(file.metadata.keys.filter { !$0.hasPrefix("split.") }, whole.metadata.keys, stem)
            XCTAssertEqual(file.tensors.map(\.name), whole.tensors.map(\.name), stem)
            XCTAssertEqual(file.tensors.map(\.shape), whole.tensors.map(\.shape), stem)
            XCTAssertEqual(file.tensors.map(\.type), whole.tensors.map(\.type), stem)
            for (part, tensor) in zip(file.tensors, whole.tensors) {
                XCTAssertTrue(part.bytes.elementsEqual(tensor.bytes), "\(stem): \(tensor.name) has other bytes")
            }
            // Python's hashlib gave the value for the model in one file.
            XCTAssertEqual(
                try Checkpoint(contentsOf: url).fingerprint(configuration: "", workers: Self.workers),
                "sha256:ef12876d3b2ce2dc7e1996b702ca830eb6da1dcd7cd1188492b4883a40a37b5e", stem)
        }
    }

    /// What a writer makes of it is the model in one file, byte for byte.
    func testWritersMakeOneFile() throws {
        for stem in ["split", "split-metadata-first"] {
            let file = try GGUFFile(contentsOf: Self.fixtures.appending(path: Self.name(1, stem)))
            let url = try makeTemporaryFolder().appending(path: "whole.gguf")
            try GGUFWriter(
                metadata: file.storedMetadata().map { ($0.key, .stored($0.value)) },
                tensors: file.tensors.map { .init(copying: $0) }
            ).write(to: url)
            XCTAssertEqual(
                try Data(contentsOf: url), try Data(contentsOf: Self.fixtures.appending(path: "reference.gguf")), stem)
        }
    }

    func testMissingFilesAreNamed() throws {
        let folder = try copy()
        let first = folder.appending(path: Self.name(1))
        try FileManager.default.removeItem(at: folder.appending(path: Self.name(3)))
        assertInputError(.missingFile, naming: first.path, saying: "no \(Self.name(3)) beside") {
            _ = try Checkpoint(contentsOf: first)
        }
        try FileManager.default.removeItem(at: folder.appending(path: Self.name(2)))
        assertInputError(.missingFile, naming: first.path, saying: "no \(Self.name(2)), \(Self.name(3)) beside") {
            _ = try Checkpoint(contentsOf: first)
        }
    }

    func testOnlyTheFirstFileOpens() throws {
        let folder = try copy()
        assertInputError(
            naming: Self.name(2),
            saying: "file 2 of a model in 3 in \(folder.path)/\(Self.name(2)); give the first of them"
        ) { _ = try GGUFFile(contentsOf: folder.appending(path: Self.name(2))) }
    }

    func testNamesThatSaySomethingElse() throws {
        for name in ["model.gguf", "split-00001-of-00004.gguf", "split-00002-of-00003.gguf", "split-1-of-3.gguf"] {
            let url = try makeTemporaryFolder().appending(path: name)
            try FileManager.default.copyItem(at: Self.fixtures.appending(path: Self.name(1)), to: url)
            assertInputError(naming: name, saying: "whose name doesn't end in -00001-of-00003.gguf", name) {
                _ = try GGUFFile(contentsOf: url)
            }
        }
    }

    func testNumbersThatDoNotFit() throws {
        let cases: [(number: Int, key: String, bytes: [UInt8], file: Int, words: String)] = [
            (1, "split.no", [3, 0], 1, "the number 3 in 3 files"),
            (2, "split.no", [2, 0], 2, "the number 2 where the name says 1"),
            (3, "split.no", [0, 0], 3, "the number 0 where the name says 2"),
            (1, "split.count", [4, 0], 1, "doesn't end in -00001-of-00004.gguf"),
            (2, "split.count", [4, 0], 2, "4 files where the first file says 3"),
            (3, "split.count", [0, 0], 3, "0 files where the first file says 3"),
            (2, "split.tensors.count", [9, 0, 0, 0], 2, "9 tensors where the first file says 3"),
        ]
        for (number, key, bytes, file, words) in cases {
            let first = try changing(number, key, to: bytes)
            assertInputError(naming: Self.name(file), saying: words, "\(key) of file \(number)") {
                _ = try GGUFFile(contentsOf: first)
            }
        }
    }

    /// Tensors that are missing or there twice: in files that are each well-formed.
    func testTensorsThatDoNotFit() throws {
        func write(_ parts: [[String]], total: Int32, keys: Set<String> = ["split.no", "split.tensors.count"]) throws
            -> URL
        {
            let folder = try makeTemporaryFolder()
            for (number, names) in parts.enumerated() {
                let metadata: [(key: String, value: GGUFWriterValue)] = [
                    ("split.no", .uint16(UInt16(number))), ("split.count", .uint16(UInt16(parts.count))),
                    ("split.tensors.count", .int32(total)),
                ]
                try GGUFWriter(
                    metadata: metadata.filter { $0.key == "split.count" || keys.contains($0.key) },
                    tensors: names.map { .init(name: $0, shape: [1], format: .f32, bytes: [0, 0, 0, 0]) }
                ).write(to: folder.appending(path: "m-0000\(number + 1)-of-0000\(parts.count).gguf"))
            }
            return folder.appending(path: "m-00001-of-0000\(parts.count).gguf")
        }
        XCTAssertEqual(
            try GGUFFile(contentsOf: write([["a", "b"], ["c"]], total: 3)).tensors.map(\.name), ["a", "b", "c"])
        let cases: [(parts: [[String]], total: Int32, keys: Set<String>, file: String, words: String)] = [
            (
                [["a", "b"], ["c"]], 4, ["split.no", "split.tensors.count"],
                "m-00001-of-00002.gguf: split.tensors.count",
                "4 tensors where the files have 3"
            ),
            (
                [["a", "b"], ["b"]], 3, ["split.no", "split.tensors.count"], "m-00002-of-00002.gguf",
                "the tensor b, which another of the model's files has too"
            ),
            ([["a"], ["b"]], 2, ["split.tensors.count"], "m-00001-of-00002.gguf", "no value for split.no"),
            ([["a"], ["b"]], 2, ["split.no"], "m-00001-of-00002.gguf", "no value for split.tensors.count"),
        ]
        for (parts, total, keys, file, words) in cases {
            let first = try write(parts, total: total, keys: keys)
            assertInputError(naming: file, saying: words, "\(parts), \(total) in all") {
                _ = try GGUFFile(contentsOf: first)
            }
        }
    }

    /// Any of the files cut off or with wrong bytes: it opens or is refused soon, and the file at fault is named.
    func testDamage() throws {
        let folder = try copy()
        let first = folder.appending(path: Self.name(1))
        var random = SeededGenerator(seed: 4)
        var slowest = 0.0
        var refused = 0
        for number in 1...3 {
            let url = folder.appending(path: Self.name(number))
            let original = [UInt8](try Data(contentsOf: url))
            for length in stride(from: 0, to: original.count - 31, by: 7) {
                try Data(original[..<length]).write(to: url)
                assertInputError(naming: Self.name(number), "the first \(length) bytes") { try readWholeGGUF(first) }
            }
            for _ in 0..<400 {
                var bytes = original
                for _ in 0...random.integer(below: 2) {
                    let place = random.integer(below: bytes.count)
                    bytes[place] = random.integer(below: 3) == 0 ? 0xFF : UInt8(random.integer(below: 256))
                }
                try Data(bytes).write(to: url)
                slowest = max(
                    slowest,
                    processorSeconds {
                        do { try readWholeGGUF(first) } catch let error as InputError {
                            refused += 1
                            if !"\(error)".contains("-of-00003.gguf") { XCTFail("\(error) names no file") }
                        } catch { XCTFail("\(error) is no InputError") }
                    })
            }
            try Data(original).write(to: url)
        }
        XCTAssertNoThrow(try readWholeGGUF(first), "the files with all bytes put back")
        XCTAssertLessThan(slowest, 0.1, "seconds for one model")
        XCTAssertTrue((120...1080).contains(refused), "\(refused) of 1200 broken models were refused")
    }
}
