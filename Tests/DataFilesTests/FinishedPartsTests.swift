import DataFiles
import Foundation
import XCTest
import _TestSupport

/// Parts of long work that are kept while it lasts.
final class FinishedPartsTests: XCTestCase {
    func testPartsAreDoneOnceForAKey() throws {
        let url = try makeTemporaryFolder().appending(path: "new/parts.json")
        var done: [String] = []
        func work(_ key: String) throws -> ([Double], FinishedParts) {
            let parts = FinishedParts(at: url, key: key)
            let values = try ["a", "b"].map { name in
                try parts.result(of: name) {
                    done.append(name)
                    return 0.1 + 0.2 * Double(done.count)
                }
            }
            return (values, parts)
        }
        let (first, _) = try work("key")
        let (again, kept) = try work("key")
        XCTAssertEqual(first, again, "kept values have the same bits")
        XCTAssertEqual(done, ["a", "b"])
        XCTAssertTrue(kept.isContinued)
        let (_, other) = try work("another key")
        XCTAssertFalse(other.isContinued)
        XCTAssertEqual(done, ["a", "b", "a", "b"])
        other.remove()
        XCTAssertFalse(FileManager.default.fileExists(atPath: url.path(percentEncoded: false)))
        // A digit of a value that somebody changed.
        _ = try work("key")
        let text = try String(contentsOf: url, encoding: .utf8)
        XCTAssertTrue(FinishedParts(at: url, key: "key").isContinued)
        let place = try XCTUnwrap(text.firstRange(of: ".").map { $0.upperBound..<text.index(after: $0.upperBound) })
        try Data(text.replacingCharacters(in: place, with: text[place] == "1" ? "2" : "1").utf8).write(to: url)
        XCTAssertFalse(FinishedParts(at: url, key: "key").isContinued)
        try Data("not JSON".utf8).write(to: url)
        XCTAssertFalse(FinishedParts(at: url, key: "key").isContinued)
    }

    func testAPartThatFailsIsNotKept() throws {
        struct Failure: Error {}
        let parts = FinishedParts(at: nil, key: "")
        XCTAssertThrowsError(try parts.result(of: "a") { () throws -> Int in throw Failure() })
        XCTAssertEqual(try parts.result(of: "a") { 3 }, 3)
        XCTAssertEqual(try parts.result(of: "a") { 4 }, 3)
    }
}
