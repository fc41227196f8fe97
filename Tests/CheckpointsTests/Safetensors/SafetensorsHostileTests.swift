import Checkpoints
import DataFiles
import Foundation
import XCTest
import _TestSupport

/// What the reference implementation refuses is refused, what it accepts is accepted.
final class SafetensorsHostileTests: XCTestCase {
    /// A file of a header and a number of zero bytes.
    private func bytes(_ header: String, data: Int = 0, length: UInt64? = nil) -> Data {
        var count = (length ?? UInt64(header.utf8.count)).littleEndian
        return withUnsafeBytes(of: &count) { Data($0) } + Data(header.utf8) + Data(count: data)
    }

    private func entry(_ type: String, _ shape: String, _ start: String, _ end: String) -> String {
        #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(start),\#(end)]}"#
    }

    func testAttacks() throws {
        let url = try makeTemporaryFolder().appending(path: "attack.safetensors")
        let good = entry("F32", "[2]", "0", "8")
        let attacks: [(what: String, data: Data)] = [
            ("nothing", Data()),
            ("seven bytes", Data(count: 7)),
            ("an empty header", bytes("", data: 8)),
            ("a header longer than the file", bytes("{}", length: 3)),
            ("a header longer than the format allows", bytes("{}", data: 64, length: 100_000_001)),
            ("the longest header", bytes("{}", length: .max)),
            ("a header that overflows with the 8 bytes", bytes("{}", length: .max - 7)),
            ("a header of 2⁶³ bytes", bytes("{}", length: 1 << 63)),
            ("no JSON", bytes("{\"a\":", data: 8)),
            ("braces", bytes(String(repeating: "{", count: 100_000))),
            ("deep nesting", bytes(#"{"a":"# + String(repeating: "[", count: 100_000) + "}")),
            (
                "deep and closed",
                bytes(
                    #"{"a":"# + String(repeating: "[", count: 50_000) + String(repeating: "]", count: 50_000) + "}")
            ),
            ("deep objects", bytes(String(repeating: #"{"a":"#, count: 50_000))),
            ("an array at the top", bytes("[]")),
            ("a number at the top", bytes("1")),
            ("no UTF-8", withUnsafeBytes(of: UInt64(4).littleEndian) { Data($0) } + Data([0x7B, 0xFF, 0xFF, 0x7D])),
            ("a tensor that is a list", bytes(#"{"a":[1]}"#)),
            ("a tensor that is null", bytes(#"{"a":null}"#)),
            ("no dtype", bytes(#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, data: 8)),
            ("no shape", bytes(#"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, data: 8)),
            ("no offsets", bytes(#"{"a":{"dtype":"F32","shape":[2]}}"#, data: 8)),
            ("an unknown dtype", bytes(#"{"a":\#(entry("F33", "[2]", "0", "8"))}"#, data: 8)),
            ("half a byte", bytes(#"{"a":\#(entry("F4", "[3]", "0", "1"))}"#, data: 1)),
            ("a part of four numbers", bytes(#"{"a":\#(entry("F6_E2M3", "[6]", "0", "4"))}"#, data: 4)),
            ("a dtype that is a number", bytes(#"{"a":{"dtype":3,"shape":[2],"data_offsets":[0,8]}}"#, data: 8)),
            ("a shape that is a number", bytes(#"{"a":\#(entry("F32", "2", "0", "8"))}"#, data: 8)),
            ("a shape of texts", bytes(#"{"a":\#(entry("F32", #"["2"]"#, "0", "8"))}"#, data: 8)),
            ("a shape of fractions", bytes(#"{"a":\#(entry("F32", "[2.5]", "0", "8"))}"#, data: 8)),
            ("a shape of truth values", bytes(#"{"a":\#(entry("F32", "[true,2]", "0", "8"))}"#, data: 8)),
            ("a shape of null", bytes(#"{"a":\#(entry("F32", "[null]", "0", "8"))}"#, data: 8)),
            ("a negative size", bytes(#"{"a":\#(entry("F32", "[-2]", "0", "8"))}"#, data: 8)),
            ("two negative sizes", bytes(#"{"a":\#(entry("F32", "[-1,-2]", "0", "8"))}"#, data: 8)),
            (
                "a product that overflows to 2",
                bytes(
                    #"{"a":\#(entry("F32", "[9223372036854775809,2]", "0", "8"))}"#, data: 8)
            ),
            (
                "sizes whose product overflows",
                bytes(
                    #"{"a":\#(entry("F32", "[4294967296,4294967296,2]", "0", "8"))}"#, data: 8)
            ),
            (
                "a size whose bytes overflow",
                bytes(
                    #"{"a":\#(entry("F32", "[4611686018427387906]", "0", "8"))}"#, data: 8)
            ),
            (
                "sizes that overflow before a zero",
                bytes(
                    #"{"a":\#(entry("F32", "[4611686018427387906,8,0]", "0", "0"))}"#)
            ),
            (
                "a size above 64 bits",
                bytes(
                    #"{"a":\#(entry("F32", "[36893488147419103234]", "0", "8"))}"#, data: 8)
            ),
            ("fewer bytes than the shape", bytes(#"{"a":\#(entry("F32", "[2]", "0", "7"))}"#, data: 7)),
            ("more bytes than the shape", bytes(#"{"a":\#(entry("F32", "[2]", "0", "12"))}"#, data: 12)),
            ("offsets in the wrong order", bytes(#"{"a":\#(entry("F32", "[2]", "8", "0"))}"#, data: 8)),
            ("negative offsets", bytes(#"{"a":\#(entry("F32", "[2]", "-8", "0"))}"#, data: 8)),
            (
                "huge offsets",
                bytes(
                    #"{"a":\#(entry("F32", "[2]", "9223372036854775800", "9223372036854775807"))}"#, data: 8)
            ),
            (
                "offsets above 64 bits",
                bytes(
                    #"{"a":\#(entry("F32", "[2]", "0", "18446744073709551624"))}"#, data: 8)
            ),
            ("three offsets", bytes(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#, data: 8)),
            ("one offset", bytes(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}"#, data: 8)),
            ("offsets of texts", bytes(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":["0","8"]}}"#, data: 8)),
            ("data past the end", bytes(#"{"a":\#(good)}"#, data: 7)),
            ("bytes after the last tensor", bytes(#"{"a":\#(good)}"#, data: 9)),
            ("bytes and no tensor", bytes("{}", data: 1)),
            ("a hole", bytes(#"{"a":\#(good),"b":\#(entry("F32", "[1]", "12", "16"))}"#, data: 16)),
            ("a hole at the beginning", bytes(#"{"a":\#(entry("F32", "[2]", "4", "12"))}"#, data: 12)),
            ("tensors over each other", bytes(#"{"a":\#(good),"b":\#(entry("F32", "[2]", "4", "12"))}"#, data: 12)),
            ("tensors over the same bytes", bytes(#"{"a":\#(good),"b":\#(good)}"#, data: 8)),
            ("metadata of numbers", bytes(#"{"__metadata__":{"a":1}}"#)),
            ("metadata that is a list", bytes(#"{"__metadata__":[]}"#)),
        ]
        for attack in attacks {
            try attack.data.write(to: url)
            assertInputError(naming: "attack.safetensors", attack.what) {
                let file = try SafetensorsFile(contentsOf: url)
                XCTFail("\(attack.what) opened, with \(file.entries.map { "\($0.name) \($0.shape) \($0.range)" })")
            }
        }
    }

    func testWhatIsAllowed() throws {
        let url = try makeTemporaryFolder().appending(path: "good.safetensors")
        try bytes("{}").write(to: url)
        XCTAssertEqual(try SafetensorsFile(contentsOf: url).entries.count, 0)

        try bytes(#"{"__metadata__":null}"#).write(to: url)
        XCTAssertEqual(try SafetensorsFile(contentsOf: url).metadata, [:])

        try bytes("{}        ").write(to: url)
        XCTAssertEqual(try SafetensorsFile(contentsOf: url).entries.count, 0, "padding")

        let header =
            #"{"__metadata__":{"format":"pt"},"scalar":\#(entry("F32", "[]", "0", "4")),"#
            + #""empty":\#(entry("F32", "[3,0,5]", "4", "4")),"i":\#(entry("I64", "[1]", "4", "12")),"#
            + #""no.weights":\#(entry("BOOL", "[3]", "12", "15"))}"#
        try bytes(header, data: 15).write(to: url)
        let file = try SafetensorsFile(contentsOf: url)
        XCTAssertEqual(file.metadata, ["format": "pt"])
        XCTAssertEqual(try file.floats("scalar"), [0])
        XCTAssertEqual(try file.floats("empty"), [])
        XCTAssertEqual(file["i"]?.shape, [1])
        assertInputError(naming: "good.safetensors: i", saying: "I64") { _ = try file.floats("i") }
        assertInputError(naming: "good.safetensors: no.weights", saying: "stored as BOOL") {
            _ = try file.weights("no.weights")
        }
        assertInputError(naming: "good.safetensors", saying: "no tensor named x") { _ = try file.floats("x") }
    }

    func testFlippedBytesAndTruncation() throws {
        let source = FixtureLocation.fixtures.appending(
            path: "tiny-llamas/sharded-bf16/model-00001-of-00002.safetensors")
        let original = try Data(contentsOf: source)
        let header = 8 + Int(original.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) })
        let url = try makeTemporaryFolder().appending(path: "flipped.safetensors")
        try original.write(to: url)
        let handle = try FileHandle(forWritingTo: url)
        func write(_ value: UInt8, at place: Int) throws {
            try handle.seek(toOffset: UInt64(place))
            try handle.write(contentsOf: [value])
        }
        var random = SeededGenerator(seed: 2)
        var slowest = 0.0
        for flip in 0..<600 {
            let places = (0...random.integer(below: 2)).map { _ in random.integer(below: flip % 10 == 0 ? 8 : header) }
            for place in places { try write(UInt8(random.integer(below: 256)), at: place) }
            let seconds = processorSeconds {
                do {
                    let file = try SafetensorsFile(contentsOf: url)
                    for entry in file.entries {
                        XCTAssertLessThanOrEqual(entry.range.upperBound, original.count)
                        _ = try? file.weights(entry.name).bytes.last
                    }
                } catch let error as InputError {
                    if !"\(error)".contains("flipped.safetensors") { XCTFail("\(error) doesn't name the file") }
                } catch { XCTFail("\(error) is no InputError") }
            }
            slowest = max(slowest, seconds)
            for place in places { try write(original[place], at: place) }
        }
        XCTAssertNoThrow(try SafetensorsFile(contentsOf: url), "the file with all bytes put back")
        XCTAssertLessThan(slowest, 0.1, "seconds for one file")
        for length in [original.count - 1, header + 1] + stride(from: header, to: -1, by: -7) {
            try handle.truncate(atOffset: UInt64(length))
            assertInputError(naming: "flipped.safetensors", "the first \(length) bytes") {
                _ = try SafetensorsFile(contentsOf: url)
            }
        }
    }
}
