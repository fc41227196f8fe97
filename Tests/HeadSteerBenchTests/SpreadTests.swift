import XCTest

@testable import HeadSteerBench

/// The statistics of repeated measurements.
final class SpreadTests: XCTestCase {
    func testMedianAndEnds() {
        let odd = Spread([5, 1, 3])
        XCTAssertEqual([odd.median, odd.lowest, odd.highest], [3, 1, 5])
        let even = Spread([4, 1, 10, 2])
        XCTAssertEqual([even.median, even.lowest, even.highest], [3, 1, 10])
        let one = Spread([7])
        XCTAssertEqual([one.median, one.lowest, one.highest], [7, 7, 7])
    }

    func testRatioIsOfRoundsNotOfMedians() {
        // A machine that is ten times slower in the second round slows both.
        let pairing = Pairing(own: [200, 20, 210], peer: [100, 10, 100])
        XCTAssertEqual(pairing.ratio.median, 2)
        XCTAssertEqual(pairing.ratio.lowest, 2)
        XCTAssertEqual(pairing.ratio.highest, 2.1, accuracy: 1e-12)
    }

    func testSidesTakeTurnsAndTheFirstRunOfEachDoesNotCount() {
        var order = ""
        var ownSeconds = [100.0, 2, 4]
        var peerSeconds = [100.0, 4, 5]
        let pairing = Pairing.alternate(
            rounds: 2, ownWork: 8, peerWork: 20,
            own: {
                order += "o"
                return ownSeconds.removeFirst()
            },
            peer: {
                order += "p"
                return peerSeconds.removeFirst()
            })
        XCTAssertEqual(order, "opopop")
        XCTAssertEqual(pairing.own, [4, 2])
        XCTAssertEqual(pairing.peer, [5, 4])
    }
}
