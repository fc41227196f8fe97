import Checkpoints
import DataFiles
import Foundation
import TensorCore
import XCTest
import _TestSupport

/// The reference files were made by the gguf package for Python: `Fixtures/gguf-writer/make.py`.
final class GGUFWriterTests: XCTestCase {
    private var folder = FileManager.default.temporaryDirectory

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "gguf-writer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: folder)
    }

    private static let metadata: [(key: String, value: GGUFWriterValue)] = [
        ("general.architecture", .string("llama")),
        ("test.uint8", .uint8(200)),
        ("test.int8", .int8(-100)),
        ("test.uint16", .uint16(60000)),
        ("test.int16", .int16(-30000)),
        ("test.uint32", .uint32(4_000_000_000)),
        ("test.int32", .int32(-2_000_000_000)),
        ("test.uint64", .uint64(10_000_000_000_000_000_000)),
        ("test.int64", .int64(-9_000_000_000_000_000_000)),
        ("test.float32", .float32(0.1)),
        ("test.float64", .float64(-1e300)),
        ("test.true", .bool(true)),
        ("test.false", .bool(false)),
        ("test.string", .string("naïve ▁ 日本 🙂")),
        ("test.uint32s", .uint32Array([1, 2, 4_000_000_000])),
        ("test.int32s", .int32Array([-1, 0, 1])),
        ("test.float32s", .float32Array([0.5, -0.25, 1e-20])),
        ("test.bools", .boolArray([true, false, true])),
        ("test.strings", .stringArray(["a", "", "▁b"])),
        // An array (type 9) of uint16 (type 2), two of them: 7 and 8.
        ("test.uint16s", .encoded(type: 9, bytes: [2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 8, 0])),
    ]

    private static func bytes(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    }

    /// Halves of -10 … 10, from IEEE 754's definition.
    private static let halves: [UInt16] = [
        0xC900, 0xC880, 0xC800, 0xC700, 0xC600, 0xC500, 0xC400, 0xC200, 0xC000, 0xBC00, 0x0000, 0x3C00, 0x4000, 0x4200,
        0x4400, 0x4500, 0x4600, 0x4700, 0x4800, 0x4880, 0x4900,
    ]

    /// The tensors of the reference; the data of the last come in three pieces, one of them empty.
    private static func tensors() -> [GGUFWriter.Tensor] {
        let cube = bytes((0..<24).map { Float($0) })
        return [
            .init(name: "odd.weight", shape: [5], format: .f32, bytes: bytes([0, 0.25, 0.5, 0.75, 1])),
            .init(
                name: "matrix.weight", shape: [3, 7], format: .f16,
                bytes: halves.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }),
            .init(name: "cube.weight", shape: [2, 3, 4], format: .f32) { emit in
                try cube.withUnsafeBytes { all in
                    try emit(UnsafeRawBufferPointer(rebasing: all[..<10]))
                    try emit(UnsafeRawBufferPointer(start: nil, count: 0))
                    try emit(UnsafeRawBufferPointer(rebasing: all[10...]))
                }
            },
        ]
    }

    private func assertSameBytes(_ writer: GGUFWriter, as reference: String, line: UInt = #line) throws {
        let url = folder.appending(path: reference)
        try writer.write(to: url)
        let made = try Data(contentsOf: url)
        let expected = try Data(contentsOf: FixtureLocation.fixtures.appending(path: "gguf-writer/\(reference)"))
        let firstDifference = zip(made, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        XCTAssertEqual(made.count, expected.count, "size of \(reference)", line: line)
        XCTAssertNil(firstDifference, "offset of the first byte that differs from \(reference)", line: line)
    }

    func testBytesAreThoseOfTheGGUFPackage() throws {
        try assertSameBytes(
            GGUFWriter(metadata: Self.metadata, tensors: Self.tensors()), as: "reference.gguf")
    }

    func testBytesAreThoseOfTheGGUFPackageWithAnotherAlignment() throws {
        try assertSameBytes(
            GGUFWriter(metadata: Self.metadata, tensors: Self.tensors(), alignment: 256),
            as: "reference-aligned-256.gguf")
    }

    func testReaderGetsBackWhatWasWritten() throws {
        let url = folder.appending(path: "round.gguf")
        try GGUFWriter(metadata: Self.metadata, tensors: Self.tensors()).write(to: url)
        let file = try GGUFFile(contentsOf: url)
        XCTAssertEqual(file.metadata.keys, Self.metadata.map(\.key))
        XCTAssertEqual(try file.metadata.integer("test.int64"), -9_000_000_000_000_000_000)
        XCTAssertEqual(try file.metadata.string("test.string"), "naïve ▁ 日本 🙂")
        XCTAssertEqual(try file.metadata["test.strings"]?.array?.strings(), ["a", "", "▁b"])
        XCTAssertEqual(file.tensors.map(\.name), ["odd.weight", "matrix.weight", "cube.weight"])
        XCTAssertEqual(file.tensors.map(\.shape), [[5], [3, 7], [2, 3, 4]])
        XCTAssertEqual(file.tensors.map(\.type.weightFormat), [.f32, .f16, .f32])
        XCTAssertEqual(Array(try XCTUnwrap(file.tensors.first).bytes), Self.bytes([0, 0.25, 0.5, 0.75, 1]))
    }

    func testFailureLeavesTheOldFileAndNothingElse() throws {
        struct Broken: Error {}
        let url = folder.appending(path: "model.gguf")
        try Data("old".utf8).write(to: url)
        var tensors = Self.tensors()
        tensors.append(.init(name: "broken.weight", shape: [4], format: .f32) { _ in throw Broken() })
        XCTAssertThrowsError(try GGUFWriter(metadata: Self.metadata, tensors: tensors).write(to: url)) {
            XCTAssertTrue($0 is Broken, "\($0)")
        }
        XCTAssertEqual(try Data(contentsOf: url), Data("old".utf8))
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path()), ["model.gguf"])
    }

    /// A file that is cut off while it is copied is named, and no half of a file is left.
    func testOriginalThatIsCutOff() throws {
        let original = folder.appending(path: "original.gguf")
        let bytes = [UInt8](repeating: 0x3F, count: 1 << 20)
        try GGUFWriter(
            metadata: [], tensors: [.init(name: "a", shape: [1 << 18], format: .f32, bytes: bytes)]
        ).write(to: original)
        let tensors = try GGUFFile(contentsOf: original).tensors
        XCTAssertEqual(truncate(original.path, 1 << 16), 0)
        assertInputError(naming: "original.gguf", saying: "cut off") {
            try GGUFWriter(metadata: [], tensors: tensors.map { .init(copying: $0) })
                .write(to: folder.appending(path: "copy.gguf"))
        }
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path()), ["original.gguf"])
    }

    func testFolderThatIsMissingIsAnInputError() {
        let url = folder.appending(path: "no/such/model.gguf")
        XCTAssertThrowsError(try GGUFWriter(metadata: Self.metadata, tensors: []).write(to: url)) {
            XCTAssertEqual(($0 as? InputError)?.kind.general, .missingFile, "\($0)")
        }
    }

    func testTensorsAreAskedForOneAfterTheOther() throws {
        // A megabyte in pieces of 64 KiB; the writer must hand each on before it asks for the next.
        let url = folder.appending(path: "stream.gguf")
        let piece = [UInt8](repeating: 0x3F, count: 65536)
        let sizes = SizesSeen()
        let folder = folder
        let tensor = GGUFWriter.Tensor(name: "stream.weight", shape: [16, 16384], format: .f32) { emit in
            for _ in 0..<16 {
                try piece.withUnsafeBytes(emit)
                sizes.append(Self.bytesOnDisk(in: folder))
            }
        }
        try GGUFWriter(metadata: [], tensors: [tensor]).write(to: url)
        XCTAssertEqual(sizes.values.count, 16)
        for (index, size) in sizes.values.enumerated() {
            XCTAssertGreaterThanOrEqual(size, (index + 1) * piece.count, "after piece \(index)")
        }
    }

    private static func bytesOnDisk(in folder: URL) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.reduce(0) { sum, name in
            let path = folder.appending(path: name).path()
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            return sum + (size ?? 0)
        }
    }
}

/// The sizes that a tensor's content saw, from inside of a sendable closure that only the test's thread calls.
private final class SizesSeen: @unchecked Sendable {
    private(set) var values: [Int] = []
    func append(_ value: Int) { values.append(value) }
}
