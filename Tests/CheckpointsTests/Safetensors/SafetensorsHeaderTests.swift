import Checkpoints
import Foundation
import XCTest
import _TestSupport

/// Headers that readers of JSON may take differently: names that are there twice, or that `String` takes for equal
/// although their bytes differ; something before the object.
final class SafetensorsHeaderTests: XCTestCase {
    private func assertRefused(_ header: String, bytes: Int, saying part: String, line: UInt = #line) throws {
        let url = try makeTemporaryFolder().appending(path: "names.safetensors")
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
        try (length + Data(header.utf8) + Data(count: bytes)).write(to: url)
        assertInputError(naming: "names.safetensors", saying: part, header, line: line) {
            _ = try SafetensorsFile(contentsOf: url)
        }
    }

    private func tensor(_ name: String, at start: Int) -> String {
        #""\#(name)":{"dtype":"U8","shape":[1],"data_offsets":[\#(start),\#(start + 1)]}"#
    }

    func testNamesThatAreThereTwice() throws {
        let twice = "{\(tensor("a", at: 0)),\(tensor("a", at: 1))}"
        try assertRefused(twice, bytes: 2, saying: "the field `a` twice")
        try assertRefused("{\(tensor("a", at: 0)),\(tensor("\\u0061", at: 1))}", bytes: 2, saying: "`a` twice")
        try assertRefused(#"{"__metadata__":{"k":"1","k":"2"}}"#, bytes: 0, saying: "the field `k` twice")
        try assertRefused(
            #"{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}"#, bytes: 1, saying: "`dtype` twice")
    }

    func testHeadersThatDoNotBeginWithABrace() throws {
        for start in ["\u{FEFF}", " ", "\n"] {
            try assertRefused("\(start){\(tensor("a", at: 0))}", bytes: 1, saying: "doesn't begin with {")
        }
    }

    func testNamesThatAreEquivalent() throws {
        try assertRefused(
            "{\(tensor("\u{E9}", at: 0)),\(tensor("e\u{301}", at: 1))}", bytes: 2, saying: "the name of another tensor")
        try assertRefused(
            "{\"__metadata__\":{\"\u{E9}\":\"1\",\"e\u{301}\":\"2\"}}", bytes: 0, saying: "__metadata__")
    }
}
