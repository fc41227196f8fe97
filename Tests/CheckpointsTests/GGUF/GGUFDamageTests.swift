import Checkpoints
import DataFiles
import Foundation
import TensorCore
import XCTest
import _TestSupport

/// However a GGUF file was damaged, it opens or throws an `InputError` soon; it never traps.
final class GGUFDamageTests: XCTestCase {
    private static let grouped = FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped.gguf")
    private static let planted = FixtureLocation.fixtures.appending(path: "planted/planted.gguf")

    /// Where the tensors' data begin: the lowest of their places.
    private func headerSize(_ url: URL) throws -> Int {
        try XCTUnwrap(GGUFFile(contentsOf: url).tensors.map(\.range.lowerBound).min())
    }

    func testTheFixturesOpen() throws {
        XCTAssertNoThrow(try readWholeGGUF(Self.grouped))
        XCTAssertNoThrow(try readWholeGGUF(Self.planted))
    }

    /// Every file that is cut off is refused: its last tensor's last byte is missing.
    func testTruncation() throws {
        for (source, step) in [(Self.grouped, 3), (Self.planted, 97)] {
            let url = try makeTemporaryFolder().appending(path: "cut.gguf")
            try FileManager.default.copyItem(at: source, to: url)
            let header = try headerSize(source)
            let end = try XCTUnwrap(GGUFFile(contentsOf: source).tensors.map(\.range.upperBound).max())
            let inHeader = Array(stride(from: 0, to: header, by: step))
            let inData = Array(stride(from: header, to: end, by: (end - header) / 50)) + [end - 1]
            let handle = try FileHandle(forWritingTo: url)
            for length in (inHeader + inData).sorted().reversed() {
                try handle.truncate(atOffset: UInt64(length))
                assertInputError(naming: "cut.gguf", "the first \(length) bytes of \(source.lastPathComponent)") {
                    try readWholeGGUF(url)
                }
            }
        }
    }

    func testFlippedBytes() throws {
        for (source, count) in [(Self.grouped, 2500), (Self.planted, 150)] {
            let url = try makeTemporaryFolder().appending(path: "flipped.gguf")
            try FileManager.default.copyItem(at: source, to: url)
            var random = SeededGenerator(seed: 1)
            let header = try headerSize(source)
            let original = [UInt8](try Data(contentsOf: source).prefix(header))
            let handle = try FileHandle(forWritingTo: url)
            func write(_ value: UInt8, at place: Int) throws {
                try handle.seek(toOffset: UInt64(place))
                try handle.write(contentsOf: [value])
            }
            var slowest = 0.0
            var refused = 0
            for _ in 0..<count {
                var flips: [(place: Int, value: UInt8)] = []
                for _ in 0...random.integer(below: 3) {
                    let place = random.integer(below: header)
                    let value: UInt8 =
                        switch random.integer(below: 4) {
                        case 0: 0xFF
                        case 1: 0
                        case 2: original[place] ^ UInt8(1 << random.integer(below: 8))
                        default: UInt8(random.integer(below: 256))
                        }
                    try write(value, at: place)
                    flips.append((place, value))
                }
                let seconds = processorSeconds {
                    do { try readWholeGGUF(url) } catch let error as InputError {
                        refused += 1
                        if !"\(error)".contains("flipped.gguf") { XCTFail("\(error) doesn't name the file: \(flips)") }
                    } catch { XCTFail("\(error) is no InputError: \(flips)") }
                }
                slowest = max(slowest, seconds)
                for flip in flips { try write(original[flip.place], at: flip.place) }
            }
            XCTAssertNoThrow(try readWholeGGUF(url), "the file with all bytes put back")
            XCTAssertLessThan(slowest, 0.1, "seconds for one file")
            XCTAssertGreaterThan(refused, count / 20, "hardly any of \(count) broken files was refused")
            XCTAssertLessThan(refused, count, "all of \(count) files were refused, even those with another letter")
        }
    }
}
