import CWeightKernels
import DataFiles
import TensorCore
import XCTest

/// Products of packed weights with rounded vectors, against sums in double precision over the weights as the reference in Swift
/// reads them.
final class PackedProductsTests: XCTestCase {
    private static let formats: [WeightFormat] = [
        .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_NL, .iq4_XS, .mxfp4,
    ]

    /// The rounded vectors are taken as they are: what is checked is the product.
    func testEveryFormatAgreesWithSumsInDoublePrecision() throws {
        for format in Self.formats {
            let matrix = try StoredMatrix(format, rows: 37, blocks: 3)
            for planes in [1, 3] {
                let vectors = RoundedVectors(count: 5, size: matrix.columns, planes: planes, seed: 5)
                let (sums, bounds) = vectors.products(matrix)
                for (name, kernels) in allKernels() {
                    let all = vectors.run(kernels, matrix, rows: 0..<37, vectors: 0..<5)
                    for (i, (actual, sum)) in zip(all, sums).enumerated()
                    where !(abs(Double(actual) - sum) <= bounds[i]) {
                        return XCTFail(
                            "\(format.name), \(name), \(planes) planes: result \(i) is \(actual), not \(sum) within "
                                + "\(bounds[i])")
                    }
                }
            }
        }
    }

    /// Every instruction set, batch and range of rows gives the bits of plain C for all rows and vectors.
    func testBitsDependOnNothingElse() throws {
        let portable = try XCTUnwrap(headsteer_kernels("portable")?.pointee)
        let rows = 67
        let count = 39
        let cases: [(rows: Range<Int>, vectors: Range<Int>)] = [
            (0..<67, 0..<39), (0..<16, 0..<6), (0..<17, 3..<10), (16..<67, 0..<2), (48..<67, 0..<16), (32..<33, 7..<8),
            (0..<64, 1..<39),
        ]
        for format in Self.formats {
            let matrix = try StoredMatrix(format, rows: rows, blocks: format.weightsPerBlock == 32 ? 5 : 2)
            for planes in [1, 3] {
                let vectors = RoundedVectors(count: count, size: matrix.columns, planes: planes, seed: 6)
                let all = vectors.run(portable, matrix, rows: 0..<rows, vectors: 0..<count)
                for (name, kernels) in allKernels() {
                    for place in cases {
                        let expected = place.vectors.flatMap { vector in place.rows.map { all[vector * rows + $0] } }
                        let actual = vectors.run(kernels, matrix, rows: place.rows, vectors: place.vectors)
                        if let difference = firstDifference(actual, expected) {
                            XCTFail("\(format.name), \(name), \(planes) planes, \(place): \(difference)")
                        }
                    }
                }
            }
        }
    }

    func testFormatsWithoutPackedFormAreKnown() {
        for format in WeightFormat.allCases where !Self.formats.contains(format) {
            XCTAssertEqual(headsteer_panel_bytes(Int32(format.rawValue), 256), 0, format.name)
        }
        for format in Self.formats {
            XCTAssertGreaterThan(headsteer_panel_bytes(Int32(format.rawValue), 256), 0, format.name)
            XCTAssertEqual(headsteer_panel_bytes(Int32(format.rawValue), 240), 0, "\(format.name): a part of a block")
        }
    }

    /// Packed weights take as many bytes as in the file, but for 6-bit scales that become bytes.
    func testPackedWeightsTakeNoMoreThanTheFile() {
        let sixBits: Set<WeightFormat> = [.q4_K, .q5_K, .q3_K, .iq4_XS]
        for format in Self.formats {
            let stored = 16 * (format.byteCount(weights: 1024) ?? 0)
            let packed = headsteer_panel_bytes(Int32(format.rawValue), 1024)
            let most = sixBits.contains(format) ? stored * 104 / 100 : stored
            XCTAssert(packed >= stored && packed <= most, "\(format.name): \(packed) bytes for \(stored)")
        }
    }

    func testWhatIsNoFiniteNumberStaysVisible() throws {
        let matrix = try StoredMatrix(.q4_1, rows: 3, blocks: 2)
        for value in [Float.nan, .infinity, -.infinity] {
            for planes in [1, 3] {
                let vectors = RoundedVectors((0..<64).map { $0 == 40 ? value : 1 }, count: 1, planes: planes)
                for (name, kernels) in allKernels() {
                    let y = vectors.run(kernels, matrix, rows: 0..<3, vectors: 0..<1)
                    XCTAssertTrue(y.allSatisfy(\.isNaN), "\(value) with \(name) gives \(y)")
                }
            }
        }
    }
}
