import CWeightKernels
import TensorCore
import XCTest

/// Attention by the kernels of every instruction set, against plain loops in double precision. What lies beside the stored keys
/// and values is no number.
final class AttentionKernelsTests: XCTestCase {
    private let kernels = ["portable", "neon", "avx2", "avx512", "avx512vnni"].compactMap { (name: String) in
        headsteer_attention_kernels(name).map { (name, $0.pointee) }
    }

    /// Heads around 16 values, where vectors hand over, positions around 16, 32, 64 and 128, and all that a rule can ask for.
    private var cases: [AttentionCase] {
        var cases: [AttentionCase] = []
        for format in [KeyValueFormat.floats, .integers] {
            for (index, headSize) in [1, 5, 16, 24, 33, 64, 80, 128].enumerated() {
                for (number, positions) in [1, 2, 15, 17, 32, 63, 65, 128, 129, 300].enumerated() {
                    var item = AttentionCase(format: format, headSize: headSize, positions: positions)
                    item.seed = UInt64(index * 100 + number)
                    item.group = 1 + (index + number) % 4
                    let count = min(positions, 1 + (number * 3 + index) % 7)
                    item.places = Array((positions - count)..<positions)
                    switch (index + number) % 5 {
                    case 1: item.window = 1 + positions * 2 / 5
                    case 2: item.softCap = 4
                    case 3: item.sinks = [0.5, -2, 3, 40].prefix(item.group).map { $0 }
                    case 4:
                        item.hasOwn = true
                        item.positions = positions - 1
                        item.places = [Int](repeating: positions - 1, count: 1 + number * 5 % 16)
                        if index % 2 == 0 { item.window = 3 }
                    default: break
                    }
                    cases.append(item)
                }
            }
        }
        return cases
    }

    func testAgreesWithPlainLoops() {
        for item in cases {
            let (expected, magnitudes, weights) = item.reference()
            // A key's and a query's codes have 12 to 15 bits, a value's weight at least 9.
            let limit = item.format == .floats ? 5e-6 : 3e-3
            for (name, functions) in kernels {
                let found = item.run(functions, withWeights: !item.hasOwn)
                for (i, z) in found.z.enumerated()
                where !(abs(Double(z) - expected[i]) <= limit * magnitudes[i]) {
                    return XCTFail("\(item.name), \(name): value \(i) is \(z), not \(expected[i])")
                }
                if item.hasOwn { continue }
                for (row, pair) in zip(found.weights, weights).enumerated() {
                    XCTAssertEqual(pair.0.count, pair.1.count, item.name)
                    for (i, weight) in pair.0.enumerated() where !(abs(Double(weight) - pair.1[i]) <= 1e-3) {
                        return XCTFail(
                            "\(item.name), \(name): weight \(i) of row \(row) is \(weight), not \(pair.1[i])")
                    }
                }
            }
        }
    }

    /// A row's bits don't depend on the rows that go with it, nor on whether chunks are merged one by one or at the end.
    func testBitsDependOnNothingElse() {
        for item in cases {
            for (name, functions) in kernels {
                let all = item.run(functions).z
                if let difference = firstDifference(item.run(functions, inParts: true).z, all) {
                    return XCTFail("\(item.name), \(name), in parts: \(difference)")
                }
                let size = item.group * item.headSize
                for place in item.places.indices {
                    let alone = item.run(functions, only: place..<(place + 1)).z
                    if let difference = firstDifference(alone, Array(all[(place * size)..<((place + 1) * size)])) {
                        return XCTFail("\(item.name), \(name), row \(place) alone: \(difference)")
                    }
                }
            }
        }
    }

    /// A key and a value of a row's own give the bits that they give when they are stored.
    func testOwnPositionsAreLikeStoredOnes() {
        for format in [KeyValueFormat.floats, .integers] {
            for positions in [1, 2, 16, 17, 31, 33, 100, 128, 129, 150] {
                var own = AttentionCase(format: format, headSize: 40, positions: positions - 1, group: 3)
                own.places = [positions - 1]
                own.hasOwn = true
                for (name, functions) in kernels {
                    let difference = firstDifference(own.run(functions).z, own.withOwnStored().run(functions).z)
                    XCTAssertNil(difference, "\(format), \(positions) positions, \(name)")
                }
            }
        }
    }

    /// What fuses products gives the same bits in any width.
    func testInstructionSetsAgree() {
        let fusing = kernels.filter { $0.0 != "portable" }
        for item in cases {
            guard let first = fusing.first else { return }
            let expected = item.run(first.1).z
            for (name, functions) in fusing.dropFirst() {
                let difference = firstDifference(item.run(functions).z, expected)
                XCTAssertNil(difference, "\(item.name): \(name) and \(first.0)")
            }
        }
    }

    /// A value that is no number, or infinite, reaches the rows that see it and no others.
    func testWhatIsNoNumberReachesWhoSeesIt() {
        for format in [KeyValueFormat.floats, .integers] {
            for (name, functions) in kernels {
                for bad in [Float.nan, .infinity] {
                    var item = AttentionCase(format: format, headSize: 20, positions: 40, group: 2)
                    item.places = Array(10..<40)
                    item.window = 12
                    item.replaced = (position: 25, by: bad)
                    let z = item.run(functions).z
                    for (index, place) in item.places.enumerated() {
                        let row = z[(index * 2 * 20)..<((index + 1) * 2 * 20)]
                        if place >= 25 && place < 37 {
                            XCTAssertTrue(row.contains { !$0.isFinite }, "\(format), \(name), \(bad): \(place) sees it")
                        } else {
                            XCTAssertTrue(
                                row.allSatisfy(\.isFinite), "\(format), \(name), \(bad): \(place) doesn't see it")
                        }
                    }
                }
            }
        }
    }
}
