import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Sealing

final class RoundTripTests: SealingTestCase {
    /// Sizes around those of a chunk and of the alignment.
    func testSizes() throws {
        var random = SeededGenerator(seed: 1)
        for count in [0, 1, 4095, 4096, 4097, 8192, 20000] {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let model = try file("model.gguf", bytes)
            let url = folder.appending(path: "sealed")
            try ModelSealing([model], model: "model.gguf").write(
                to: url, key: Self.key(), salt: Array(0..<32), chunkSize: 4096, threads: 2)
            let opened = try SealedModel(MappedFile(contentsOf: url), key: Self.key())
            XCTAssertEqual(opened.model, "model.gguf")
            XCTAssertEqual(Array(try opened.file("model.gguf").bytes), bytes, "\(count) bytes")
        }
    }

    func testSealingTwiceGivesOtherBytes() throws {
        let sealing = try ModelSealing([file("a", [1, 2, 3])], model: "a")
        let urls = [folder.appending(path: "1"), folder.appending(path: "2")]
        for url in urls { try sealing.write(to: url, key: Self.key()) }
        let both = try urls.map { try Data(contentsOf: $0) }
        XCTAssertEqual(both[0].count, both[1].count)
        XCTAssertNotEqual(both[0][32..<64], both[1][32..<64], "the salt")
        XCTAssertNotEqual(both[0][96...], both[1][96...], "the chunks")
    }

    func testNothingIsLeftWhereTheWorkIsEnded() throws {
        struct Stop: Error {}
        let sealing = try ModelSealing([file("a", [1, 2, 3])], model: "a")
        let url = folder.appending(path: "sealed")
        XCTAssertThrowsError(try sealing.write(to: url, key: Self.key()) { _ in throw Stop() }) {
            XCTAssertTrue($0 is Stop, "\($0)")
        }
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)), ["a"])
    }

    func testFilesOutliveTheModel() throws {
        var model: SealedModel? = try SealedModel(MappedFile(contentsOf: Self.reference), key: Self.key())
        let kept = try XCTUnwrap(model).file("config.json")
        model = nil
        kept.letGo(of: kept.bytes)
        XCTAssertEqual(Data(kept.bytes), Self.contents[0].1)
    }
}
