import Foundation
import TensorCore
import XCTest
import _TestSupport

@testable import HeadSteerBench

/// Whole parts of the table, on a tiny model and against peers that say that everything took half a second.
final class ComparisonTests: XCTestCase {
    /// A comparison whose peers write the requests that they get into `requests`: llama.cpp in both builds and transformers. The
    /// other rivals have no script.
    ///
    /// - Parameter token: what the peers find likeliest after a prompt; by default what we do.
    private func comparison(requests: URL, folder: URL, token: Int? = nil) throws -> Comparison {
        let shape = ModelShape(
            name: "tiny", layers: 2, width: 64, heads: 2, kvHeads: 1, headSize: 32, feedForward: 64, vocabulary: 280,
            context: 256, ropeBase: 10_000, tiedEmbeddings: true)
        let model = folder.appending(path: "tiny.Q8_0.gguf")
        try RandomModel(shape, format: .q8_0, seed: 0).writer().write(to: model)
        let own = try OwnModel(path: model.path(percentEncoded: false), precision: .exact, threads: 1)
        let check = try PeerCheck(own)
        let script = """
            case "$*" in *without-amx*) amx=0 ;; *) amx=1 ;; esac
            echo '{"ready": true}'
            while read request; do
              echo "$request" >> '\(requests.path(percentEncoded: false))'
              echo '{"name": "rival", "version": "rival 1.0", "features": "CPU : AVX2 = 1 | AMX_INT8 = '$amx' |",
                "seconds": 0.5, "token": \(token ?? check.likeliest[0])}' | tr -d '\\n'; echo
            done
            """
        for name in ["peer_llama_cpp.py", "peer_transformers.py"] {
            try Data(script.utf8).write(to: folder.appending(path: name))
        }
        let options = try PeerOptions.parse(["--python", "/bin/sh", "--peers", folder.path(percentEncoded: false)])
        return Comparison(
            own: own, work: Workload(own.configuration),
            peers: PeerSet(model: own.path, threads: 1, options: options, showsErrors: false, check: check), rounds: 1,
            files: ComparedFiles(models: ["no.gguf"], large: "no-large.gguf"))
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
        let native = Goal.atLeast(exact: 1.15, fast: 1.5)
        XCTAssertEqual(
            rows.map(\.goal),
            [
                native, .atLeast(exact: 1.7, fast: 2.3), nil, nil, nil, nil, native, .atLeast(exact: 0.6, fast: 0.8),
                .atMost(1.01),
            ])
        // 64 tokens in half a second.
        XCTAssertEqual(rows[0].peer, "llama.cpp, clang, native with AMX: 128 tokens/s")
        XCTAssertEqual(rows[1].peer, "llama.cpp, clang, without AMX: 128 tokens/s")
        for row in rows[2...5] {
            XCTAssertNil(row.result)
            XCTAssertTrue(row.peer.contains("no readable file in"), row.peer)
        }
        let measured = rows.indices.filter { !(2...5).contains($0) }.compactMap { rows[$0].result?.median }
        XCTAssertEqual(measured.count, 5)
        XCTAssertTrue(measured.allSatisfy { $0 > 0 && $0.isFinite }, "\(measured)")
        // The best of two is the one that we beat by less.
        XCTAssertTrue(rows[6].peer.hasPrefix("the best of 2: llama.cpp, clang, "), rows[6].peer)
        XCTAssertEqual(rows[6].result?.median, [rows[0], rows[1]].compactMap { $0.result?.median }.min())
        // Each peer: once to warm up and once for the round, with our own tokens.
        let work = try read(requests).filter { $0.op == "decode" }
        XCTAssertEqual(work.map(\.prompt), Array(repeating: comparison.work.tokens(16), count: 4))
        XCTAssertEqual(work.map(\.tokens), Array(repeating: comparison.work.tokens(64, stream: 1), count: 4))
        XCTAssertEqual(
            comparison.peers.versions,
            [
                "llama.cpp, clang, native with AMX (rival 1.0; AVX2 AMX_INT8)",
                "llama.cpp, clang, without AMX (rival 1.0; AVX2)",
            ])
    }

    func testPeerThatComputesSomethingElseDoesNotCount() throws {
        let folder = try makeTemporaryFolder()
        let requests = folder.appending(path: "requests")
        let likely = try PeerCheck(comparison(requests: requests, folder: folder).own).likeliest
        XCTAssertEqual(Set(likely).count, 10)
        let unlikely = try XCTUnwrap((0..<280).first { !likely.contains($0) })
        let rows = try comparison(requests: requests, folder: folder, token: unlikely).rows(.prompt)
        XCTAssertEqual(rows.count, Rival.allCases.count, "no row of the best, for none ran")
        XCTAssertTrue(rows.allSatisfy { $0.result == nil })
        XCTAssertTrue(rows[0].peer.contains("the token \(unlikely) after a prompt"), rows[0].peer)
        XCTAssertTrue(try read(requests).allSatisfy { $0.op != "prompt" }, "a peer that failed was measured")
    }

    func testOneRoundIsEnoughForARivalFarBehind() throws {
        let folder = try makeTemporaryFolder()
        for (seconds, runs) in [(0.2, 4), (0.05, 2)] {
            let requests = folder.appending(path: "requests-\(runs)")
            let peer = try comparison(requests: requests, folder: folder).peers.rival(.llamaCpp)
            let contest = Contest(
                work: "", ownWork: 10, rivalWork: 5, operation: "work", fields: [:], own: { seconds })
            let pairing = try contest.pairing(with: peer, rounds: 3)
            XCTAssertEqual(pairing.ratio.median, 10 / seconds / (5 / 0.5), accuracy: 1e-9)
            XCTAssertEqual(try read(requests).filter { $0.op == "work" }.count, runs, "with \(seconds) s of ours")
        }
    }

    func testStreamsCountAllOfOurTokens() throws {
        let folder = try makeTemporaryFolder()
        let comparison = try comparison(requests: folder.appending(path: "requests"), folder: folder)
        let rows = try comparison.rows(.streams)
        XCTAssertEqual(
            rows.prefix(2).map(\.peer),
            ["llama.cpp, clang, native with AMX: 64.0 tokens/s", "llama.cpp, clang, without AMX: 64.0 tokens/s"])
        XCTAssertEqual(rows.count, 3)
    }

    func testContextRowsStayWithinTheModelsContext() throws {
        let folder = try makeTemporaryFolder()
        let requests = folder.appending(path: "requests")
        let rows = try comparison(requests: requests, folder: folder).rows(.context)
        XCTAssertEqual(rows[0].work, "decode after 192 tokens ÷ after 16")
        XCTAssertEqual(rows[0].goal, .atLeast(exact: 0.7, fast: 0.7))
        let prompts = try read(requests).filter { $0.op == "decode" }.map { $0.prompt?.count }
        XCTAssertEqual(prompts, [192, 192, 192, 192])
    }

    func testSweepRows() throws {
        let folder = try makeTemporaryFolder()
        let requests = folder.appending(path: "requests")
        let comparison = try comparison(requests: requests, folder: folder)
        let sweep = try comparison.rows(.sweep)
        XCTAssertEqual(sweep[0].goal, .atLeast(exact: 1.5, fast: 1.5))
        XCTAssertTrue(sweep[0].peer.contains("give --first-round"), sweep[0].peer)
        // The model has 4 heads, fewer than the sample.
        XCTAssertTrue(sweep[1].peer.hasSuffix(": 8.00 heads/s"), sweep[1].peer)
        let asked = try XCTUnwrap(try read(requests).first { $0.op == "sweep" })
        XCTAssertEqual(asked.sites, [[0, 0], [0, 1], [1, 0], [1, 1]])
        XCTAssertEqual(asked.prompts, comparison.work.texts(6, length: 8))
    }

    func testThreadRowsNeedTwoThreads() throws {
        let folder = try makeTemporaryFolder()
        let comparison = try comparison(requests: folder.appending(path: "requests"), folder: folder)
        XCTAssertTrue(try comparison.rows(.threads).isEmpty)
    }

    func testModelsThatAreNotThereAreRows() throws {
        let folder = try makeTemporaryFolder()
        var comparison = try comparison(requests: folder.appending(path: "requests"), folder: folder)
        XCTAssertEqual(try comparison.rows(.models).map(\.work), ["no: decode"])
        XCTAssertEqual(try comparison.rows(.large).map(\.goal), [.atLeast(exact: 1.0, fast: 1.2)])
        comparison.files.models = [comparison.own.path]
        let there = try comparison.rows(.models)
        XCTAssertEqual(there[0].work, "tiny.Q8_0: decode after 16 tokens, 4-head plan active")
        XCTAssertEqual(there[0].peer, "llama.cpp, clang, native with AMX: 128 tokens/s")
    }

    func testOlderProgramsSweepIsRead() {
        XCTAssertEqual(
            SweepProcess.seconds("270 heads × 6 prompts of 8 tokens: 0.8 s, 337.50 heads/s, peak of memory 0.30 GB\n"),
            0.8)
        XCTAssertNil(SweepProcess.seconds("error: no such command"))
        XCTAssertNil(SweepProcess.seconds("270 heads × 6 prompts of 8 tokens: 0.0 s, 0.00 heads/s"))
    }
}
