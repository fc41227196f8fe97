import Checkpoints
import DataFiles
import Foundation
import TensorCore
import XCTest
import _TestSupport

final class FingerprintTests: XCTestCase {
    private static let workers = WorkerPool(count: 2)

    private func fingerprint(_ url: URL, configuration: String = "c", workers: WorkerPool = workers) throws -> String {
        try Checkpoint(contentsOf: url).fingerprint(configuration: configuration, workers: workers)
    }

    func testSameForAnyNumberOfWorkersAndFromRunToRun() throws {
        for name in ["grouped", "grouped.gguf", "sharded-bf16"] {
            let url = FixtureLocation.fixtures.appending(path: "tiny-llamas/\(name)")
            let first = try fingerprint(url)
            XCTAssertEqual(first.count, "sha256:".count + 64, first)
            XCTAssertTrue(first.hasPrefix("sha256:"), first)
            XCTAssertEqual(try fingerprint(url), first, name)
            for count in [1, 3] {
                XCTAssertEqual(
                    try fingerprint(url, workers: WorkerPool(count: count)), first, "\(name), \(count) workers")
            }
            XCTAssertNotEqual(try fingerprint(url, configuration: "d"), first, "another configuration")
        }
    }

    /// Any bit of any tensor counts, the file's name and place don't.
    func testEveryWeightCounts() throws {
        let original = try Data(contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped.gguf"))
        let url = try makeTemporaryFolder().appending(path: "copy.gguf")
        try original.write(to: url)
        let expected = try fingerprint(url)
        XCTAssertEqual(
            expected, try fingerprint(FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped.gguf")))
        var seen: Set<String> = [expected]
        let tensors = try GGUFFile(contentsOf: url).tensors
        for tensor in tensors {
            for place in [tensor.range.lowerBound, tensor.range.upperBound - 1] {
                var bytes = original
                bytes[place] ^= 1
                try bytes.write(to: url)
                XCTAssertTrue(
                    seen.insert(try fingerprint(url)).inserted,
                    "byte \(place - tensor.range.lowerBound) of \(tensor.name)")
            }
        }
        XCTAssertEqual(seen.count, 2 * tensors.count + 1)
    }

    #if os(Linux)
        /// A model whose weights were packed doesn't need the file's pages any more, and reading them all once shouldn't keep them.
        func testPagesOfTheFileAreLetGo() throws {
            // Other tests of this process map the fixture itself.
            let url = try makeTemporaryFolder().appending(path: "let-go.gguf")
            try FileManager.default.copyItem(
                at: FixtureLocation.fixtures.appending(path: "planted/planted.gguf"), to: url)
            let checkpoint = try Checkpoint(contentsOf: url)
            func residentKilobytes() throws -> Int {
                let maps = try XCTUnwrap(FileHandle(forReadingAtPath: "/proc/self/smaps")?.readToEnd())
                var isOwn = false, sum = 0
                for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
                    if line.contains("-"), line.contains(" r") { isOwn = line.hasSuffix("/let-go.gguf") }
                    guard isOwn, line.hasPrefix("Rss:") else { continue }
                    sum += Int(line.split(separator: " ")[1]) ?? 0
                }
                return sum
            }
            let expected = try checkpoint.fingerprint(configuration: "c", workers: Self.workers)
            let kept = try residentKilobytes()
            XCTAssertEqual(
                try checkpoint.fingerprint(configuration: "c", workers: Self.workers, letsPagesGo: true), expected)
            let left = try withExtendedLifetime(checkpoint) { try residentKilobytes() }
            XCTAssertGreaterThan(kept, 500)
            XCTAssertLessThan(left, kept / 2, "of \(kept) KB after reading all of it")
        }
    #endif

    /// The same for ever: plans record it. Python's hashlib gave the value, with the gguf package as reader.
    func testTensorsOfThePlantedModel() throws {
        XCTAssertEqual(
            try fingerprint(FixtureLocation.fixtures.appending(path: "planted/planted.gguf"), configuration: ""),
            "sha256:c33124eb649b51fd304a535fcdc275f66d637666aba51568ddae412c038d8941")
    }

    /// SHA-256 over the configuration and each tensor's name, shape, format and own SHA-256: Python's hashlib gave the value.
    func testAgainstAnotherImplementation() throws {
        let url = try makeTemporaryFolder().appending(path: "two.gguf")
        var file = GGUFBytes(tensors: 2, keys: 0)
        file.tensor("b", [2], offset: 32)
        file.tensor("a", [1, 2], offset: 0)
        file.align()
        for value in [1, 2] as [Float] { file.integer(value.bitPattern) }
        file.align()
        for value in [3, 4] as [Float] { file.integer(value.bitPattern) }
        try file.write(to: url)
        XCTAssertEqual(
            try fingerprint(url, configuration: "the model"),
            "sha256:1e25aba712815caf73d7c2fed769e331de360ce2b567a7c021ec8bcb81e645f6")
    }
}
