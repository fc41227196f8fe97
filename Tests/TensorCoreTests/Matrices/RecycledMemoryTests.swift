import TensorCore
import XCTest

/// Memory that is given back is taken again, by size and up to a limit.
final class RecycledMemoryTests: XCTestCase {
    func testAPieceIsTakenAgainAsItWasLeft() {
        let recycled = RecycledMemory(most: 4096)
        let first = recycled.take(bytes: 1024)
        XCTAssertEqual(first.start.load(as: UInt8.self), 0)
        first.start.storeBytes(of: 7, as: UInt8.self)
        recycled.give(first)
        let other = recycled.take(bytes: 2048)
        XCTAssertFalse(other === first, "a piece of another size")
        XCTAssertEqual(other.start.load(as: UInt8.self), 0)
        let again = recycled.take(bytes: 1024)
        XCTAssertTrue(again === first)
        XCTAssertEqual(again.start.load(as: UInt8.self), 7)
        XCTAssertFalse(recycled.take(bytes: 1024) === first, "a piece that is in use")
    }

    func testNoMoreIsKeptThanAllowed() {
        let recycled = RecycledMemory(most: 2048)
        let pieces = (0..<3).map { _ in recycled.take(bytes: 1024) }
        pieces.forEach(recycled.give)
        let taken = (0..<3).map { _ in recycled.take(bytes: 1024) }
        XCTAssertEqual(taken.count { piece in pieces.contains { $0 === piece } }, 2)
        // What was taken makes room for others.
        recycled.give(pieces[2])
        XCTAssertTrue(recycled.take(bytes: 1024) === pieces[2])
    }

    func testOtherSizesMakeRoom() {
        let recycled = RecycledMemory(most: 2048)
        let small = (0..<2).map { _ in recycled.take(bytes: 1024) }
        small.forEach(recycled.give)
        let large = recycled.take(bytes: 1536)
        recycled.give(large)
        XCTAssertTrue(recycled.take(bytes: 1536) === large)
        XCTAssertFalse(small.contains { $0 === recycled.take(bytes: 1024) })
    }
}
