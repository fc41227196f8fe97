import TensorCore
import XCTest

final class UnpackingWeightsTests: XCTestCase {
    /// The values come from the `gguf` package.
    func testReferenceAgreesWithGGUFBitForBit() throws {
        for format in WeightFormat.allCases {
            let fixture = try WeightFixture(format)
            XCTAssertGreaterThan(fixture.expected.count, 400, format.name)
            XCTAssertNil(firstDifference(reference(format, fixture.blocks), fixture.expected), format.name)
        }
    }

    func testReferenceReadsFromAnyAddress() throws {
        for format in WeightFormat.allCases {
            let fixture = try WeightFixture(format)
            for offset in 1...3 {
                let shifted = [UInt8](repeating: 0xff, count: offset) + fixture.blocks
                var weights = [Float](repeating: 0, count: fixture.expected.count)
                shifted.withUnsafeBytes { bytes in
                    weights.withUnsafeMutableBufferPointer {
                        format.unpack(UnsafeRawBufferPointer(rebasing: bytes[offset...]), into: $0)
                    }
                }
                XCTAssertNil(firstDifference(weights, fixture.expected), "\(format.name) from offset \(offset)")
            }
        }
    }

    /// The sizes as `gguf.GGML_QUANT_SIZES` has them.
    func testBlockSizes() {
        let sizes: [WeightFormat: (name: String, weights: Int, bytes: Int)] = [
            .f32: ("F32", 1, 4), .f16: ("F16", 1, 2), .bf16: ("BF16", 1, 2),
            .q4_0: ("Q4_0", 32, 18), .q4_1: ("Q4_1", 32, 20), .q5_0: ("Q5_0", 32, 22), .q5_1: ("Q5_1", 32, 24),
            .q8_0: ("Q8_0", 32, 34), .q2_K: ("Q2_K", 256, 84), .q3_K: ("Q3_K", 256, 110),
            .q4_K: ("Q4_K", 256, 144), .q5_K: ("Q5_K", 256, 176), .q6_K: ("Q6_K", 256, 210),
            .iq4_NL: ("IQ4_NL", 32, 18), .iq4_XS: ("IQ4_XS", 256, 136), .mxfp4: ("MXFP4", 32, 17),
            .iq2_XXS: ("IQ2_XXS", 256, 66), .iq2_XS: ("IQ2_XS", 256, 74), .iq2_S: ("IQ2_S", 256, 82),
            .iq3_XXS: ("IQ3_XXS", 256, 98), .iq3_S: ("IQ3_S", 256, 110), .iq1_S: ("IQ1_S", 256, 50),
            .iq1_M: ("IQ1_M", 256, 56), .tq1_0: ("TQ1_0", 256, 54), .tq2_0: ("TQ2_0", 256, 66),
        ]
        XCTAssertEqual(sizes.count, WeightFormat.allCases.count)
        for (format, size) in sizes {
            XCTAssertEqual(format.name, size.name)
            XCTAssertEqual(format.weightsPerBlock, size.weights, size.name)
            XCTAssertEqual(format.bytesPerBlock, size.bytes, size.name)
        }
    }

    func testByteCountsOfAbsurdSizesAreNil() {
        XCTAssertEqual(WeightFormat.q4_1.byteCount(weights: 576), 360)
        XCTAssertEqual(WeightFormat.q6_K.byteCount(weights: 0), 0)
        XCTAssertNil(WeightFormat.q4_1.byteCount(weights: 577))
        XCTAssertNil(WeightFormat.q4_1.byteCount(weights: -32))
        XCTAssertNil(WeightFormat.f32.byteCount(weights: Int.max))
        XCTAssertNil(WeightFormat.f16.byteCount(weights: Int.max / 2 + 1))
        XCTAssertEqual(WeightFormat.f16.byteCount(weights: Int.max / 2), Int.max - 1)
        // Q8_0 takes more bytes than weights; the largest count of whole blocks overflows.
        XCTAssertNil(WeightFormat.q8_0.byteCount(weights: Int.max / 32 * 32))
    }
}
