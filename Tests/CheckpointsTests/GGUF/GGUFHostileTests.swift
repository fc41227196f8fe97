import Checkpoints
import DataFiles
import Foundation
import TensorCore
import XCTest
import _TestSupport

/// Numbers, names and structures that no honest GGUF file has, and unusual ones that are right.
final class GGUFHostileTests: XCTestCase {
    /// Numbers at the places where a reader could overflow or allocate.
    func testAbsurdNumbers() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "absurd.gguf")
        func check(_ what: String, saying words: String = "", line: UInt = #line, _ make: (inout GGUFBytes) -> Void)
            throws
        {
            var file = GGUFBytes(tensors: 1, keys: 1)
            make(&file)
            try file.write(to: url)
            var seconds = 0.0
            assertInputError(naming: "absurd.gguf", saying: words, what, line: line) {
                var result: Result<Void, any Error> = .success(())
                seconds = processorSeconds { result = Result { try readWholeGGUF(url) } }
                try result.get()
            }
            XCTAssertLessThan(seconds, 0.1, what, line: line)
        }
        let huge: [UInt64] = [.max, .max - 7, 1 << 63, (1 << 63) - 1, 1 << 62, 1 << 40]
        for count in huge {
            try check("\(count) tensors") { $0 = GGUFBytes(tensors: count, keys: 0) }
            try check("\(count) keys") { $0 = GGUFBytes(tensors: 0, keys: count) }
            try check("a key of \(count) bytes", saying: "ends inside") { $0.integer(count) }
            try check("a string of \(count) bytes", saying: "ends inside") {
                $0.key("k", type: 8)
                $0.integer(count)
            }
            for type in UInt32(0)...12 {
                try check("an array of \(count) values of type \(type)") {
                    $0.key("k", type: 9)
                    $0.integer(type)
                    $0.integer(count)
                    $0.bytes += [UInt8](repeating: 0, count: 64)
                }
            }
            for dimensions in [[count], [count, count], [4, count, count, count], [count, 2]] {
                try check("a tensor of \(dimensions)") {
                    $0 = GGUFBytes(tensors: 1, keys: 0)
                    $0.tensor("t", dimensions)
                    $0.align()
                }
            }
            try check("an offset of \(count)", saying: "past the end") {
                $0 = GGUFBytes(tensors: 1, keys: 0)
                $0.tensor("t", [4], offset: count)
                $0.align()
                $0.bytes += [UInt8](repeating: 0, count: 64)
            }
        }
        for type in [13, 99, UInt32.max] {
            try check("the value type \(type)", saying: "unknown value type") {
                $0.key("k", type: type)
                $0.integer(UInt64(0))
            }
            try check("an array of the value type \(type)", saying: "unknown value type") {
                $0.key("k", type: 9)
                $0.integer(type)
                $0.integer(UInt64(0))
            }
        }
        for rank in [0, 5, UInt32.max] {
            try check("a tensor of \(rank) dimensions", saying: "dimensions") {
                $0 = GGUFBytes(tensors: 1, keys: 0)
                $0.string("t")
                $0.integer(rank)
                $0.bytes += [UInt8](repeating: 1, count: 64)
            }
        }
        for type in [4, 5, 31, 57, UInt32.max] {
            try check("a tensor of type \(type) beyond the end", saying: "past the end") {
                $0 = GGUFBytes(tensors: 1, keys: 0)
                $0.tensor("t", [32], type: type, offset: 32)
                $0.align()
                $0.bytes += [UInt8](repeating: 0, count: 32)
            }
        }
        for type in [9, 24, 25, 26, 27, 28] as [UInt32] {
            try check("too few bytes for a tensor of type \(type)", saying: "past the end") {
                $0 = GGUFBytes(tensors: 1, keys: 0)
                $0.tensor("t", [32], type: type)
                $0.align()
                $0.bytes += [UInt8](repeating: 0, count: 31)
            }
        }
        try check("a dimension of zero", saying: "dimension of 0") {
            $0 = GGUFBytes(tensors: 1, keys: 0)
            $0.tensor("t", [4, 0])
            $0.align()
        }
        try check("half a block", saying: "no multiple") {
            $0 = GGUFBytes(tensors: 1, keys: 0)
            $0.tensor("t", [16, 2], type: 8)
            $0.align()
            $0.bytes += [UInt8](repeating: 0, count: 128)
        }
        for alignment in [0, 3, 33, 1 << 21, UInt32.max] {
            try check("an alignment of \(alignment)", saying: "alignment") {
                $0 = GGUFBytes(tensors: 0, keys: 1)
                $0.key("general.alignment", type: 4)
                $0.integer(alignment)
            }
        }
        try check("an alignment that is a text", saying: "general.alignment") {
            $0 = GGUFBytes(tensors: 0, keys: 1)
            $0.key("general.alignment", type: 8)
            $0.string("32")
        }
    }

    func testStructure() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "structure.gguf")
        func check(_ what: String, saying words: String, line: UInt = #line, _ file: GGUFBytes) throws {
            try file.write(to: url)
            assertInputError(naming: "structure.gguf", saying: words, what, line: line) { try readWholeGGUF(url) }
        }
        for version in [0, 1, 4, 3 << 24, UInt32.max] {
            try check(
                "version \(version)", saying: "version \(version)", GGUFBytes(version: version, tensors: 0, keys: 0))
        }
        var other = GGUFBytes(tensors: 0, keys: 0)
        other.bytes[0] = 0x67
        try check("another magic", saying: "no GGUF file", other)

        // Putting the marks of this name in order, one by one, would take hours.
        var marks = GGUFBytes(tensors: 0, keys: 1)
        marks.key("a" + String(repeating: "\u{301}\u{327}", count: 1_000_000), type: 7)
        marks.integer(UInt8(1))
        try check("marks", saying: "more than 1000 combining marks", marks)

        var keys = GGUFBytes(tensors: 0, keys: 2)
        for _ in 0..<2 {
            keys.key("twice", type: 7)
            keys.integer(UInt8(1))
        }
        try check("a key twice", saying: "the key twice a second time", keys)

        var tensors = GGUFBytes(tensors: 2, keys: 0)
        for _ in 0..<2 { tensors.tensor("same", [1]) }
        tensors.align()
        tensors.bytes += [0, 0, 0, 0]
        try check("a tensor twice", saying: "the tensor same a second time", tensors)

        var nested = GGUFBytes(tensors: 0, keys: 1)
        nested.key("deep", type: 9)
        for _ in 0..<100_000 {
            nested.integer(UInt32(9))
            nested.integer(UInt64(1))
        }
        try check("arrays in arrays", saying: "array of arrays", nested)

        for name in ["line\nend", "\u{1B}[31m", String(repeating: "n", count: 1 << 20)] {
            var strange = GGUFBytes(tensors: 1, keys: 0)
            strange.tensor(name, [3], type: 8)
            try check("a strange name", saying: "no multiple", strange)
        }
    }

    /// Things that are unusual and right.
    func testWhatIsAllowed() throws {
        let url = try makeTemporaryFolder().appending(path: "allowed.gguf")
        for version in [2, 3] as [UInt32] {
            var file = GGUFBytes(version: version, tensors: 2, keys: 4)
            file.key("general.alignment", type: 4)
            file.integer(UInt32(64))
            file.key("empty", type: 9)
            file.integer(UInt32(8))
            file.integer(UInt64(0))
            file.key("numbers", type: 9)
            file.integer(UInt32(3))
            file.integer(UInt64(2))
            file.integer(Int16(-5))
            file.integer(Int16(300))
            file.key("no UTF-8", type: 8)
            file.integer(UInt64(2))
            file.bytes += [0xFF, 0x41]
            // Two tensors over the same bytes: allowed, for tied weights.
            file.tensor("a", [2, 3], type: 0, offset: 0)
            file.tensor("b", [6], type: 0, offset: 0)
            file.align(64)
            for value in [1, 2, 3, 4, 5, 6] as [Float] { file.integer(value.bitPattern) }
            try file.write(to: url)
            let opened = try GGUFFile(contentsOf: url)
            XCTAssertEqual(opened.version, Int(version))
            XCTAssertEqual(try opened.metadata["empty"]?.array?.strings(), [])
            XCTAssertEqual(try opened.metadata["numbers"]?.array?.integers(), [-5, 300])
            XCTAssertEqual(try opened.metadata["numbers"]?.array?.floats(), [-5, 300])
            XCTAssertThrowsError(try opened.metadata["numbers"]?.array?.strings())
            XCTAssertEqual(try opened.metadata.string("no UTF-8"), "\u{FFFD}A")
            XCTAssertEqual(opened.tensors.map(\.shape), [[3, 2], [6]], "slowest axis first")
            for tensor in opened.tensors {
                let weights = WeightMatrix(
                    rows: 1, columns: 6, format: try tensor.format, bytes: tensor.bytes, owner: tensor.file)
                XCTAssertEqual(weights.unpacked().elements, [1, 2, 3, 4, 5, 6])
            }
        }
    }
}
