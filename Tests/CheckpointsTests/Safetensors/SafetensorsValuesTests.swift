import Checkpoints
import DataFiles
import Foundation
import TensorCore
import XCTest
import _TestSupport

final class SafetensorsValuesTests: XCTestCase {
    func testRoundTrip() throws {
        let url = try makeTemporaryFolder().appending(path: "round.safetensors")
        var writer = SafetensorsWriter(metadata: ["format": "pt", "note": "quote \" backslash \\ line\nend ä"])
        let values: [Float] = [0, -0.0, 1.5, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.infinity]
        writer.add("head \"3\".direction ü", shape: [2, 3], values)
        writer.add("scalar", shape: [], [7])
        writer.add("empty", shape: [0, 4], [])
        writer.add("large", shape: [5_000_000], (0..<5_000_000).map { Float($0) })
        try writer.write(to: url)
        let file = try SafetensorsFile(contentsOf: url)
        XCTAssertEqual(file.metadata, ["format": "pt", "note": "quote \" backslash \\ line\nend ä"])
        XCTAssertEqual(try file.floats("head \"3\".direction ü").map(\.bitPattern), values.map(\.bitPattern))
        XCTAssertEqual(file["head \"3\".direction ü"]?.shape, [2, 3])
        XCTAssertEqual(try file.floats("scalar"), [7])
        XCTAssertEqual(file["empty"]?.shape, [0, 4])
        let large = try XCTUnwrap(file["large"])
        XCTAssertEqual(large.range.upperBound, file.file.count)
        XCTAssertEqual(large.range.count, 20_000_000)
        XCTAssertEqual(large.range.lowerBound % 4, 0)
        for index in [0, 1, 4_194_303, 4_194_304, 4_999_999] {
            let bits = file.file.bytes.loadUnaligned(
                fromByteOffset: large.range.lowerBound + 4 * index, as: UInt32.self)
            XCTAssertEqual(Float(bitPattern: UInt32(littleEndian: bits)), Float(index))
        }
    }

    /// The values that Python's safetensors package reads from files that it wrote: `Fixtures/safetensors/axes.py`.
    func testFilesOfOthers() throws {
        struct Expected: Decodable {
            var shape: [Int]
            var values: [Float]
        }
        let folder = FixtureLocation.fixtures.appending(path: "safetensors")
        let expected = try JSONDecoder().decode(
            [String: Expected].self, from: Data(contentsOf: folder.appending(path: "axes.json")))
        func file(_ name: String) throws -> SafetensorsFile {
            try SafetensorsFile(contentsOf: folder.appending(path: "axes-\(name).safetensors"))
        }
        for name in ["2d-float64", "3d-float32", "4d-float32"] {
            let (opened, wanted) = (try file(name), try XCTUnwrap(expected[name], name))
            XCTAssertEqual(opened["embedding"]?.shape, wanted.shape, name)
            XCTAssertEqual(try opened.floats("embedding"), wanted.values, name)
            XCTAssertEqual(opened.metadata, ["format": "np"], name)
        }
        XCTAssertEqual(try file("3d-float32").weights("embedding").shape, [2, 2, 3])
        let integers = try file("1d-int32")
        XCTAssertEqual(integers["embedding"]?.type, "I32")
        XCTAssertEqual(integers["embedding"]?.shape, expected["1d-int32"]?.shape)
        assertInputError(naming: "axes-1d-int32.safetensors: embedding", saying: "I32") {
            _ = try integers.floats("embedding")
        }
    }

    /// Halves and bfloat16 by their definitions, subnormal, infinite and no number included.
    func testShortFloats() throws {
        let url = try makeTemporaryFolder().appending(path: "short.safetensors")
        let halves: [(UInt16, Float)] = [
            (0x3C00, 1), (0xC500, -5), (0x0001, 0x1p-24), (0x7BFF, 65504), (0xFC00, -.infinity), (0x8000, -0.0),
        ]
        let brains: [(UInt16, Float)] = [
            (0x3F80, 1), (0xC0A0, -5), (0x0001, 0x1p-133), (0x7F7F, 0x1.FEp127), (0xFF80, -.infinity), (0x8000, -0.0),
        ]
        let header =
            #"{"h":{"dtype":"F16","shape":[6],"data_offsets":[0,12]},"b":{"dtype":"BF16","shape":[6],"#
            + #""data_offsets":[12,24]}}"#
        var data = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8)
        for (bits, _) in halves + brains { data += withUnsafeBytes(of: bits.littleEndian) { Data($0) } }
        try data.write(to: url)
        let file = try SafetensorsFile(contentsOf: url)
        for (name, expected) in [("h", halves.map(\.1)), ("b", brains.map(\.1))] {
            XCTAssertEqual(try file.floats(name).map(\.bitPattern), expected.map(\.bitPattern), name)
            let stored = try file.weights(name)
            let weights = WeightMatrix(
                rows: 1, columns: 6, format: try stored.format, bytes: stored.bytes, owner: stored.file)
            XCTAssertEqual(
                weights.unpacked().elements.map(\.bitPattern), expected.map(\.bitPattern), "\(name) in place")
        }
    }
}
