import Foundation
import XCTest
import _TestSupport

@testable import DataFiles

/// What unfinished work has found, in a file.
final class ResumableStateTests: XCTestCase {
    private struct State: ResumableState, Equatable {
        var key: String
        var values: [Double]
        var name: String?
    }

    /// Every byte counts: one that was changed, left out or added makes the state one of no use.
    func testAChangedStateIsOfNoUse() throws {
        let url = try makeTemporaryFolder().appending(path: "state.json")
        let state = State(
            key: "k", values: [0.1, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude], name: "é\u{1F600}\"\n")
        try state.write(to: url)
        XCTAssertEqual(State(contentsOf: url, key: "k"), state)
        XCTAssertNil(State(contentsOf: url, key: "another"))
        let bytes = try Data(contentsOf: url)
        XCTAssertNotNil(try JSONSerialization.jsonObject(with: bytes) as? [String: Any], "still a JSON object")
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            try changed.write(to: url)
            XCTAssertNil(State(contentsOf: url, key: "k"), "byte \(index)")
            try bytes.prefix(index).write(to: url)
            XCTAssertNil(State(contentsOf: url, key: "k"), "\(index) bytes")
        }
        try (bytes + Data(" ".utf8)).write(to: url)
        XCTAssertNil(State(contentsOf: url, key: "k"))
    }
}
