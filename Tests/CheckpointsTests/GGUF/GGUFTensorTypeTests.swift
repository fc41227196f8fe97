import Checkpoints
import DataFiles
import Foundation
import TensorCore
import XCTest
import _TestSupport

/// Tensors that are no weights, or whose type nobody here knows, beside weights: the file opens, they are listed by name and
/// counted in the fingerprint, and using them as weights is an error.
final class GGUFTensorTypeTests: XCTestCase {
    private static let workers = WorkerPool(count: 1)

    /// The file is the gguf package's (`Fixtures/gguf-writer/make.py`), the fingerprint Python's hashlib's.
    func testTypesThatAreNoWeights() throws {
        let url = FixtureLocation.fixtures.appending(path: "gguf-writer/types.gguf")
        let tensors = try GGUFFile(contentsOf: url).tensors
        XCTAssertEqual(
            tensors.map { "\($0.name) \($0.shape) \($0.type.name) \($0.range.count)" },
            [
                "int8 [2, 3] I8 6", "int16 [2, 3] I16 12", "int32 [2, 3] I32 24", "int64 [2, 3] I64 48",
                "float64 [2, 3] F64 48", "NVFP4 [1, 128] NVFP4 72", "Q1_0 [1, 256] Q1_0 36", "weights [4] F32 16",
            ])
        for tensor in tensors.dropLast() {
            XCTAssertNil(tensor.type.weightFormat, tensor.name)
            assertInputError(
                naming: "types.gguf: \(tensor.name)", saying: "weights stored as \(tensor.type.name), which is not"
            ) { _ = try tensor.format }
        }
        XCTAssertEqual(try tensors.last?.format, .f32)
        let int64 = tensors[3].bytes
        XCTAssertEqual(
            (0..<6).map { Int64(littleEndian: int64.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) },
            [0, 1, 2, 3, 4, 5])
        XCTAssertEqual(
            try Checkpoint(contentsOf: url).fingerprint(configuration: "", workers: Self.workers),
            "sha256:c44bb74b34d86b7041d2aef47c9a1d75086aaa8af645da9511509241166d8c62")
    }

    /// ggml's table of names, with the numbers that it has removed; beyond it a number remains a number.
    func testTypesWithoutKnownSizes() throws {
        let names: [UInt32: String] = [
            4: "Q4_2", 5: "Q4_3", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 36: "IQ4_NL_4_4",
            37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8", 57: "type 57", .max: "type 4294967295",
        ]
        let url = try makeTemporaryFolder().appending(path: "strange.gguf")
        for (type, name) in names {
            var file = GGUFBytes(tensors: 4, keys: 0)
            file.tensor("last", [1], offset: 96)
            file.tensor("strange", [3, 5], type: type, offset: 32)
            file.tensor("first", [1], offset: 0)
            file.tensor("end", [7], type: type, offset: 128)
            file.align()
            for value in [1, 2, 2, 3, 4] as [Float] {
                file.integer(value.bitPattern)
                file.align()
            }
            file.bytes.removeLast(20)
            try file.write(to: url)
            let tensors = try GGUFFile(contentsOf: url).tensors
            XCTAssertEqual(
                tensors.map { "\($0.name) \($0.type.name) \($0.range.count)" },
                ["last F32 4", "strange \(name) 64", "first F32 4", "end \(name) 12"], "up to the next, and to the end")
            XCTAssertEqual(tensors[1].bytes.load(as: Float.self), 2)
            assertInputError(naming: "strange.gguf: strange", saying: "weights stored as \(name), which is not") {
                _ = try tensors[1].format
            }
            let fingerprint = try Checkpoint(contentsOf: url).fingerprint(configuration: "", workers: Self.workers)
            file.bytes[file.bytes.count - 1] ^= 1
            try file.write(to: url)
            XCTAssertNotEqual(
                try Checkpoint(contentsOf: url).fingerprint(configuration: "", workers: Self.workers), fingerprint, name
            )
        }
    }

    /// A file that is written again has the same tensors, whatever they are.
    func testCopies() throws {
        let url = FixtureLocation.fixtures.appending(path: "gguf-writer/types.gguf")
        let file = try GGUFFile(contentsOf: url)
        let copy = try makeTemporaryFolder().appending(path: "copy.gguf")
        try GGUFWriter(
            metadata: file.storedMetadata().map { ($0.key, .stored($0.value)) },
            tensors: file.tensors.map { .init(copying: $0) }
        ).write(to: copy)
        XCTAssertEqual(try Data(contentsOf: copy), try Data(contentsOf: url))
    }
}
