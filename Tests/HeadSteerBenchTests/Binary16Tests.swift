import TensorCore
import XCTest

@testable import HeadSteerBench

/// Half-precision numbers against the reader of the format F16, which is checked against the package gguf.
final class Binary16Tests: XCTestCase {
    /// Every finite half that isn't negative, in the order of their bits.
    private static let halves: [Float] = {
        let bits = (0..<UInt16(0x7C00)).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        var values = [Float](repeating: 0, count: 0x7C00)
        bits.withUnsafeBytes { bytes in
            values.withUnsafeMutableBufferPointer { WeightFormat.f16.unpack(bytes, into: $0) }
        }
        return values
    }()

    func testEveryHalfIsReadAndWritten() {
        for (bits, expected) in Self.halves.enumerated() {
            for (sign, half) in [(UInt16(0), expected), (0x8000, -expected)] where expected != 0 || sign == 0 {
                let bits = UInt16(bits) | sign
                XCTAssertEqual(Binary16.value(bits), Double(half), "bits \(bits)")
                XCTAssertEqual(Binary16.bits(nearest: Double(half)), bits, "\(half)")
            }
        }
    }

    func testNumbersBetweenGoToTheNearer() {
        for bits in 0..<(Self.halves.count - 1) {
            let low = Double(Self.halves[bits])
            let high = Double(Self.halves[bits + 1])
            XCTAssertEqual(Binary16.bits(nearest: low + (high - low) * 0.49), UInt16(bits), "above \(low)")
            XCTAssertEqual(Binary16.bits(nearest: low + (high - low) * 0.51), UInt16(bits + 1), "below \(high)")
        }
    }
}
