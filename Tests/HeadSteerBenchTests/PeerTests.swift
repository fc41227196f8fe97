import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import HeadSteerBench

/// The talk with a peer's process, with scripts of the shell in Python's place.
final class PeerTests: XCTestCase {
    private func peer(_ script: String) throws -> Peer {
        let folder = try makeTemporaryFolder()
        try Data(script.utf8).write(to: folder.appending(path: "peer"))
        let options = try PeerOptions.parse(["--python", "/bin/sh", "--peers", folder.path(percentEncoded: false)])
        return try Peer("peer", arguments: ["a model"], options: options)
    }

    func testAnswersAreRead() throws {
        let peer = try peer(
            """
            echo '{"ready": true}'
            read request
            echo "{\\"name\\": \\"$1\\", \\"version\\": \\"1.2\\", \\"features\\": \\"CPU : SSE3 = 1 | AVX2 = 0 | AMX_INT8 = 1 | \\"}"
            read request; case "$request" in
            *'"op":"prompt"'*) echo '{"seconds": 0.25}' ;;
            *) echo '{"error": "not that"}' ;;
            esac
            """)
        XCTAssertEqual(peer.name, "a model")
        XCTAssertEqual(peer.version, "1.2")
        XCTAssertEqual(peer.features, ["SSE3", "AMX_INT8"])
        XCTAssertEqual(try peer.seconds("prompt", ["tokens": [1, 2]]), 0.25)
        peer.close()
    }

    func testErrorsAndEndsAreTold() throws {
        XCTAssertThrowsError(try peer("exit 1")) { error in
            XCTAssertEqual((error as? InputError)?.problem, "a peer that ended unexpectedly")
        }
        let failing = try peer(
            """
            echo '{"ready": true}'; read request; echo '{}'; read request; echo '{"error": "MemoryError: no room"}'
            """)
        XCTAssertThrowsError(try failing.seconds("prompt")) { error in
            XCTAssertEqual((error as? InputError)?.problem, "MemoryError: no room")
        }
        let silent = try peer(
            "echo '{\"ready\": true}'; read request; echo '{}'; read request; echo '{}'; read request")
        XCTAssertThrowsError(try silent.seconds("prompt")) { error in
            XCTAssertTrue("\(error)".contains("no field seconds"), "\(error)")
        }
    }
}
