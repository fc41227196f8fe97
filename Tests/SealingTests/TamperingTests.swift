import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Sealing

/// Whatever is done to a sealed file, it is refused before a byte is used.
final class TamperingTests: SealingTestCase {
    private static let chunk = 4096 + 16

    private func original() throws -> [UInt8] { Array(try Data(contentsOf: Self.reference)) }

    /// The chunks of a file, with their tags.
    private func parts(_ bytes: [UInt8]) -> (header: [UInt8], chunks: [[UInt8]]) {
        let body = bytes.dropFirst(SealedHeader.byteCount)
        let starts = stride(from: body.startIndex, to: body.endIndex, by: Self.chunk)
        return (
            Array(bytes.prefix(SealedHeader.byteCount)),
            starts.map { Array(body[$0..<min($0 + Self.chunk, body.endIndex)]) }
        )
    }

    func testEachFieldOfTheHeader() throws {
        let fields = [
            (0, "no sealed model"), (15, "no sealed model"), (16, "version"), (19, "version"), (20, "chunk size"),
            (23, "chunk size"),
            (24, "size"), (31, "size"), (32, "another key"), (63, "another key"), (64, "another key"),
            (95, "another key"),
        ]
        for (place, words) in fields {
            for bit in [0, 3, 7] {
                var bytes = try original()
                bytes[place] ^= 1 << bit
                try assertRefused(bytes, saying: words, "byte \(place), bit \(bit)")
            }
        }
    }

    /// A header that fits the file and the key, and isn't the one that the chunks were sealed with.
    func testAHeaderThatFits() throws {
        let (header, chunks) = parts(try original())
        // 2 chunks of 8192 and one of 4096 make another size than 4 of 4096; so a size with as many bytes is sought.
        XCTAssertGreaterThan(chunks.count, 2)
        var shorter = header
        let size = chunks.map { $0.count - 16 }.reduce(0, +)
        shorter.replaceSubrange(24..<32, with: UInt64(size - 1).littleEndianBytes)
        var last = chunks
        last[chunks.count - 1].remove(at: 0)
        try assertRefused(shorter + last.joined(), saying: "chunk 0", "one byte less")
    }

    func testChunksElsewhere() throws {
        let (header, chunks) = parts(try original())
        let count = chunks.count
        var swapped = chunks
        swapped.swapAt(0, 1)
        try assertRefused(header + swapped.joined(), saying: "chunk 0", "swapped")
        var doubled = chunks
        doubled[1] = chunks[0]
        try assertRefused(header + doubled.joined(), saying: "chunk 1", "doubled")
        try assertRefused(header + chunks.dropLast().joined(), saying: "truncated", "the last dropped")
        try assertRefused(header + chunks.dropFirst().joined(), saying: "truncated", "the first dropped")
        try assertRefused(header + chunks.joined() + chunks[count - 1], saying: "size", "one more")
        // With a size in the header that fits fewer chunks, the last of them was not sealed as the last.
        var fewer = header
        fewer.replaceSubrange(24..<32, with: UInt64(4096 * (count - 1)).littleEndianBytes)
        try assertRefused(fewer + chunks.dropLast().joined(), saying: "chunk 0", "cut at a chunk")
    }

    /// The same content and key, another salt: every chunk is refused in the other file.
    func testChunksOfAnotherFile() throws {
        let files = try Self.contents.map { try file($0.0, $0.1) }
        let url = folder.appending(path: "other")
        try ModelSealing(files, model: nil).write(
            to: url, key: Self.key(), salt: Array(0..<32), chunkSize: 4096, threads: 1)
        let (header, chunks) = parts(try original())
        let others = parts(Array(try Data(contentsOf: url))).chunks
        for index in chunks.indices {
            var mixed = chunks
            mixed[index] = others[index]
            try assertRefused(header + mixed.joined(), saying: "chunk \(index)", "chunk \(index) of another file")
        }
    }

    func testTruncation() throws {
        let bytes = try original()
        for count in [0, 1, 15, 16, 95, 96, 97, 4096, bytes.count - 17, bytes.count - 16, bytes.count - 1] {
            try assertRefused(Array(bytes.prefix(count)), "cut to \(count) bytes")
        }
        try assertRefused(bytes + [0], saying: "size", "a byte more")
    }

    /// Seeded random changes: bits, bytes, runs, moved pieces. None is accepted, none traps.
    func testRandomMutations() throws {
        let bytes = try original()
        var random = SeededGenerator(seed: 13)
        for trial in 0..<300 {
            var changed = bytes
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch trial % 5 {
            case 0: changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1:
                changed[Int.random(in: 0..<SealedHeader.byteCount, using: &random)] = .random(
                    in: 0...255, using: &random)
            case 2: changed.remove(at: place)
            case 3: changed.insert(.random(in: 0...255, using: &random), at: place)
            default:
                let other = Int.random(in: 0..<bytes.count, using: &random)
                changed.swapAt(place, other)
            }
            guard changed != bytes else { continue }
            try assertRefused(changed, "trial \(trial) at \(place)")
        }
    }
}
