import Checkpoints
import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Directions

final class StreamedSafetensorsTests: XCTestCase {
    private let tensors = [
        StreamedSafetensors.Tensor("z", shape: [4, 3]), StreamedSafetensors.Tensor("norms", shape: [4]),
    ]

    private func part(_ number: Int, to file: StreamedSafetensors) throws {
        try file.write((0..<3).map { Float(number * 10 + $0) }, to: "z", at: number * 3)
        try file.write([Float(number)], to: "norms", at: number)
        try file.finish(part: number)
    }

    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()
    }

    func testARunGoesOnWhereAnotherStopped() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "a.safetensors")
        let first = try StreamedSafetensors(url, tensors: tensors, metadata: ["data": "x"])
        XCTAssertEqual(first.finished, [])
        try part(2, to: first)
        try part(0, to: first)
        XCTAssertEqual(first.finished, [0, 2])
        try first.suspend()
        XCTAssertEqual(try names(folder), [".a.safetensors.journal", ".a.safetensors.partial"])

        // A part whose values aren't those of the journal doesn't count: only the journal was on the disk.
        let partial = folder.appending(path: ".a.safetensors.partial")
        let damaged = try XCTUnwrap(FileHandle(forWritingAtPath: partial.path(percentEncoded: false)))
        let size = try damaged.seekToEnd()
        // The last part's norm is the last value but one of the file.
        try damaged.seek(toOffset: size - 8)
        try damaged.write(contentsOf: Data([1, 2, 3, 4]))
        try damaged.close()

        // Nor does one whose line in the journal was cut off.
        let journal = folder.appending(path: ".a.safetensors.journal")
        let handle = try XCTUnwrap(FileHandle(forWritingAtPath: journal.path(percentEncoded: false)))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("3".utf8))
        try handle.close()

        let second = try StreamedSafetensors(url, tensors: tensors, metadata: ["data": "x"])
        XCTAssertEqual(second.finished, [0])
        for number in [1, 2, 3] { try part(number, to: second) }
        XCTAssertEqual(try second.read("norms"), [0, 1, 2, 3])
        try second.complete()
        XCTAssertEqual(try names(folder), ["a.safetensors"])
        let file = try SafetensorsFile(contentsOf: url)
        XCTAssertEqual(try file.floats("z"), [0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32])
        XCTAssertEqual(file["z"]?.shape, [4, 3])
        XCTAssertEqual(file.metadata, ["data": "x"])
    }

    func testOtherContentBeginsAnew() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "a.safetensors")
        let first = try StreamedSafetensors(url, tensors: tensors, metadata: ["data": "x"])
        try part(1, to: first)
        try first.suspend()
        let second = try StreamedSafetensors(url, tensors: tensors, metadata: ["data": "y"])
        XCTAssertEqual(second.finished, [])
        XCTAssertEqual(try second.read("norms"), [0, 0, 0, 0], "nothing of the other run is left")
        second.discard()
        XCTAssertEqual(try names(folder), [])
    }

    func testTwoWritersOfOneFileAreRefused() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "a.safetensors")
        let first = try StreamedSafetensors(url, tensors: tensors, metadata: [:])
        XCTAssertThrowsError(try StreamedSafetensors(url, tensors: tensors, metadata: [:])) {
            XCTAssertTrue("\($0)".contains("another process is writing"), "\($0)")
        }
        first.discard()
        let missing = folder.appending(path: "none/a.safetensors")
        XCTAssertThrowsError(try StreamedSafetensors(missing, tensors: tensors, metadata: [:])) {
            XCTAssertEqual(($0 as? InputError)?.kind.general, .missingFile, "\($0)")
        }
    }

    /// Renaming the finished file over a device or a pipe would replace it.
    func testAPipeIsNoPlaceForRows() throws {
        let folder = try makeTemporaryFolder()
        let url = folder.appending(path: "pipe")
        XCTAssertEqual(mkfifo(url.path, 0o600), 0)
        XCTAssertThrowsError(
            try StreamedSafetensors(url, tensors: [StreamedSafetensors.Tensor("z", shape: [1])], metadata: [:])
        ) {
            XCTAssertTrue("\($0)".contains("a device or a pipe"), "\($0)")
        }
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path), ["pipe"])
    }
}
