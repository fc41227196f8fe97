import Checkpoints
import Foundation
import XCTest
import _TestSupport

/// Values of keys as one type or another; the file is the gguf package's (`Fixtures/gguf-writer/make.py`).
final class GGUFMetadataTests: XCTestCase {
    private func metadata() throws -> GGUFMetadata {
        try GGUFFile(contentsOf: FixtureLocation.fixtures.appending(path: "gguf-writer/reference.gguf")).metadata
    }

    func testArrays() throws {
        let metadata = try metadata()
        XCTAssertEqual(try metadata.integers("test.uint32s"), [1, 2, 4_000_000_000])
        XCTAssertEqual(try metadata.integers("test.int32s"), [-1, 0, 1])
        XCTAssertEqual(try metadata.integers("test.uint16s"), [7, 8])
        XCTAssertEqual(try metadata.doubles("test.float32s"), [0.5, -0.25, Double(1e-20 as Float)])
        XCTAssertEqual(try metadata.doubles("test.int32s"), [-1, 0, 1])
        XCTAssertEqual(try metadata.bools("test.bools"), [true, false, true])
        XCTAssertEqual(try metadata.strings("test.strings"), ["a", "", "▁b"])
        XCTAssertEqual(try metadata.bool("test.false"), false)
        XCTAssertNil(try metadata.integers("absent"))
        XCTAssertNil(try metadata.bool("absent"))
    }

    func testOtherTypes() throws {
        let metadata = try metadata()
        func check(_ key: String, _ words: String, line: UInt = #line, _ read: () throws -> Any?) {
            assertInputError(naming: "reference.gguf: \(key)", saying: words, line: line) { _ = try read() }
        }
        check("test.uint8", "not an array") { try metadata.integers("test.uint8") }
        check("test.bools", "array of bool where integers") { try metadata.integers("test.bools") }
        check("test.strings", "array of string where numbers") { try metadata.doubles("test.strings") }
        check("test.float32s", "array of float32 where integers") { try metadata.integers("test.float32s") }
        check("test.int32s", "array of int32 where truth values") { try metadata.bools("test.int32s") }
        check("test.int32s", "array of int32 where strings") { try metadata.strings("test.int32s") }
        check("test.uint8", "not a truth value") { try metadata.bool("test.uint8") }
        check("test.bools", "not a truth value") { try metadata.bool("test.bools") }
    }
}
