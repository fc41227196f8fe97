import Foundation
import TensorCore
import XCTest
import _TestSupport

@testable import HeadSteerBench

/// Whole parts of the table, on a tiny model and against peers that say that everything took half a second.
final class ComparisonTests: XCTestCase {
    /// A comparison whose peers write the requests that they get into `requests`.
    private func comparison(requests: URL, folder: URL) throws -> Comparison {
        let shape = ModelShape(
            name: "tiny", layers: 2, width: 64, heads: 2, kvHeads: 1, headSize: 32, feedForward: 64, vocabulary: 280,
            context: 256, ropeBase: 10_000, tiedEmbeddings: true)
        let model = folder.appending(path: "tiny.Q8_0.gguf")
        try RandomModel(shape, format: .q8_0, seed: 0).writer().write(to: model)
        let script = """
            echo '{"ready": true}'
            while read request; do
              echo "$request" >> '\(requests.path(percentEncoded: false))'
              echo '{"name": "rival", "version": "rival 1.0", "seconds": 0.5}'
            done
            """
        for name in ["peer_llama_cpp.py", "peer_ik_llama.py", "peer_transformers.py"] {
            try Data(script.utf8).write(to: folder.appending(path: name))
        }
        let options = try PeerOptions.parse(["--python", "/bin/sh", "--peers", folder.path(percentEncoded: false)])
        let own = try OwnModel(path: model.path(percentEncoded: false), precision: .exact, threads: 1)
        return Comparison(
            own: own, work: Workload(own.configuration),
            peers: PeerSet(model: own.path, threads: 1, options: options, showsErrors: false), rounds: 1,
            precision: .exact)
    }

    private struct Request: Decodable {
        var op: String
        var prompt: [Int]?
        var tokens: [Int]?
        var prompts: [[Int]]?
        var sites: [[Int]]?
    }

    private func read(_ requests: URL) throws -> [Request] {
        try String(contentsOf: requests, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Request.self, from: Data($0.utf8))
        }
    }

    func testDecodeRows() throws {
        let folder = try makeTemporaryFolder()
        let requests = folder.appending(path: "requests")
        let comparison = try comparison(requests: requests, folder: folder)
        let rows = try comparison.rows(.decode)
        XCTAssertEqual(
            rows.map(\.goal),
            [.atLeast(exact: 1.6, fast: 2), nil, .atLeast(exact: 0.6, fast: 0.75), .atMost(1.01)])
        // 64 tokens in half a second.
        XCTAssertEqual(rows[0].peer, "llama.cpp, same file, no edit: 128 tokens/s")
        XCTAssertTrue(rows.allSatisfy { $0.result.median > 0 && $0.result.median.isFinite }, "\(rows.map(\.result))")
        // Both peers: once to warm up and once for the round, with our own tokens.
        let work = try read(requests).filter { $0.op == "decode" }
        XCTAssertEqual(work.map(\.prompt), Array(repeating: comparison.work.tokens(16), count: 4))
        XCTAssertEqual(work.map(\.tokens), Array(repeating: comparison.work.tokens(64, stream: 1), count: 4))
        XCTAssertEqual(comparison.peers.versions, ["rival 1.0"])
    }

    func testBatchRow() throws {
        let folder = try makeTemporaryFolder()
        let comparison = try comparison(requests: folder.appending(path: "requests"), folder: folder)
        let rows = try comparison.rows(.batch)
        XCTAssertEqual(rows.map(\.peer), ["llama.cpp, one stream: 64.0 tokens/s"])
    }

    func testSweepRows() throws {
        let folder = try makeTemporaryFolder()
        let requests = folder.appending(path: "requests")
        let comparison = try comparison(requests: requests, folder: folder)
        let sweep = try comparison.rows(.sweep)
        XCTAssertEqual(sweep[0].goal, .atLeast(exact: 20, fast: 30))
        // The model has 4 heads, fewer than the sample.
        XCTAssertTrue(sweep[0].peer.hasSuffix(": 8.00 heads/s"), sweep[0].peer)
        let asked = try XCTUnwrap(try read(requests).first { $0.op == "sweep" })
        XCTAssertEqual(asked.sites, [[0, 0], [0, 1], [1, 0], [1, 1]])
        XCTAssertEqual(asked.prompts, comparison.work.texts(6, length: 8))
    }

    func testThreadRowsNeedTwoThreads() throws {
        let folder = try makeTemporaryFolder()
        let comparison = try comparison(requests: folder.appending(path: "requests"), folder: folder)
        XCTAssertTrue(try comparison.rows(.threads).isEmpty)
    }
}
