import CWeightKernels
import DataFiles
import TensorCore
import XCTest

/// Products with vectors of 8-bit integers, against sums in double precision over the weights as the reference in Swift reads
/// them and the rounded vectors.
final class IntegerProductsTests: XCTestCase {
    private static let formats: [WeightFormat] = [.q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q4_K, .q5_K]

    /// The kernels that have integer products.
    private func integerKernels() -> [(name: String, run: IntegerVectors.Kernel)] {
        allKernels().compactMap { name, kernels in kernels.rows_dot_int8.map { (name, $0) } }
    }

    func testEveryFormatAgreesWithSumsInDoublePrecision() throws {
        for format in Self.formats {
            let matrix = try StoredMatrix(format, rows: 37, blocks: 3)
            let vectors = IntegerVectors(count: 15, size: matrix.columns, seed: 5)
            let (sums, bounds) = vectors.products(matrix)
            for (name, kernel) in integerKernels() {
                let all = vectors.run(kernel, matrix, rows: 0..<37, vectors: 0..<15)
                for (i, (actual, sum)) in zip(all, sums).enumerated() where !(abs(Double(actual) - sum) <= bounds[i]) {
                    return XCTFail("\(format.name), \(name): result \(i) is \(actual), not \(sum) within \(bounds[i])")
                }
            }
        }
    }

    /// Every instruction set, batch and range of rows gives the bits of plain C for all rows and vectors.
    func testBitsDependOnNothingElse() throws {
        let portable = try XCTUnwrap(headsteer_kernels("portable")?.pointee.rows_dot_int8)
        for format in Self.formats {
            let matrix = try StoredMatrix(format, rows: 35, blocks: 2)
            let vectors = IntegerVectors(count: 14, size: matrix.columns, seed: 6)
            let all = vectors.run(portable, matrix, rows: 0..<35, vectors: 0..<14)
            let cases: [(Range<Int>, Range<Int>)] = [
                (0..<35, 0..<14), (0..<16, 0..<6), (0..<17, 3..<10), (5..<35, 0..<2), (34..<35, 0..<13),
                (1..<33, 7..<8),
            ]
            for (name, kernel) in integerKernels() {
                for (rows, range) in cases {
                    let expected = range.flatMap { vector in rows.map { all[vector * 35 + $0] } }
                    let actual = vectors.run(kernel, matrix, rows: rows, vectors: range)
                    if let difference = firstDifference(actual, expected) {
                        XCTFail("\(format.name), \(name), rows \(rows), vectors \(range): \(difference)")
                    }
                }
            }
        }
    }

    func testFormatsWithoutIntegerProductsAreKnown() {
        for format in WeightFormat.allCases where !Self.formats.contains(format) {
            XCTAssertEqual(headsteer_has_int8(Int32(format.rawValue)), 0, format.name)
        }
    }

    func testRoundingToIntegers() {
        var random = SeededGenerator(seed: 9)
        var x = (0..<96).map { _ in Float(random.gaussian()) }
        x.replaceSubrange(32..<64, with: [Float](repeating: 0, count: 32))
        x[64] = 127
        for i in 65..<96 { x[i] = Float(i - 80) + 0.5 }  // halfway: to the even neighbour
        for (name, kernels) in allKernels() {
            var codes = [Int8](repeating: 1, count: 96)
            var scales: [Float] = [7, 7, 7]
            var sums = scales
            kernels.quantise(x, 96, &codes, &scales, &sums)
            for group in 0..<3 {
                let values = x[(group * 32)..<(group * 32 + 32)]
                let largest = values.map(abs).max() ?? 0
                XCTAssertEqual(scales[group], largest / 127, "group \(group), \(name)")
                let expected = values.map { largest == 0 ? 0 : Int8(($0 * (127 / largest)).rounded(.toNearestOrEven)) }
                XCTAssertEqual(Array(codes[(group * 32)..<(group * 32 + 32)]), expected, "group \(group), \(name)")
                let sum = scales[group] * Float(expected.reduce(0) { $0 + Int($1) })
                XCTAssertEqual(sums[group], sum, "group \(group), \(name)")
            }
        }
    }

    func testWhatIsNoFiniteNumberStaysVisible() throws {
        let matrix = try StoredMatrix(.q4_1, rows: 3, blocks: 2)
        for value in [Float.nan, .infinity, -.infinity] {
            var vectors = IntegerVectors(count: 1, size: 64, seed: 1)
            vectors.round((0..<64).map { $0 == 40 ? value : 1 })
            for (name, kernel) in integerKernels() {
                let y = vectors.run(kernel, matrix, rows: 0..<3, vectors: 0..<1)
                XCTAssertTrue(y.allSatisfy(\.isNaN), "\(value) with \(name) gives \(y)")
            }
        }
        var tiny = IntegerVectors(count: 1, size: 64, seed: 1)
        tiny.round([Float](repeating: .leastNormalMagnitude, count: 64))
        XCTAssertEqual(tiny.scales, [0, 0], "too small to have a reciprocal")
    }

    /// Every number of half precision comes back, and what lies between two goes to the nearer one, halfway to the even.
    func testHalfPrecisionRoundsToNearestEven() {
        func packed(_ values: [Float], _ kernels: headsteer_kernels) -> [UInt16] {
            var halves = [UInt16](repeating: 0xaaaa, count: values.count)
            kernels.pack_half(values, values.count, &halves)
            return halves
        }
        for (name, kernels) in allKernels() {
            let all = (0..<UInt16(0x7c00)).map { $0 }
            let values = all.map { HalfPrecision.float(fromBinary16: $0) }
            XCTAssertEqual(packed(values, kernels), all, name)
            XCTAssertEqual(packed(values.map { -$0 }, kernels), all.map { $0 | 0x8000 }, name)
            let middles = zip(values, values.dropFirst()).map { ($0 + $1) / 2 }
            XCTAssertEqual(packed(middles, kernels), all.dropLast().map { $0 + $0 % 2 }, "halfway, \(name)")
            XCTAssertEqual(packed(middles.map(\.nextDown), kernels), Array(all.dropLast()), "below, \(name)")
            XCTAssertEqual(packed(middles.map(\.nextUp), kernels), Array(all.dropFirst()), "above, \(name)")
            XCTAssertEqual(
                packed([65519, 65520, .infinity, -.infinity, 1e30], kernels), [0x7bff, 0x7c00, 0x7c00, 0xfc00, 0x7c00],
                name)
            XCTAssertTrue(HalfPrecision.float(fromBinary16: packed([.nan], kernels)[0]).isNaN, name)
        }
    }
}

/// Vectors rounded to 8-bit integers.
private struct IntegerVectors {
    typealias Kernel =
        @convention(c) (
            Int32, UnsafeRawPointer?, Int, Int, Int, headsteer_int8_vectors, Int, UnsafeMutablePointer<Float>?, Int,
            UnsafeMutablePointer<Float>?
        ) -> Void

    let count: Int
    let size: Int
    var codes: [Int8]
    var scales: [Float]
    var sums: [Float]

    init(count: Int, size: Int, seed: UInt64) {
        self.count = count
        self.size = size
        codes = Array(repeating: 0, count: count * size)
        scales = Array(repeating: 0, count: count * size / 32)
        sums = scales
        var random = SeededGenerator(seed: seed)
        round((0..<(count * size)).map { _ in Float(random.gaussian()) })
    }

    mutating func round(_ values: [Float]) { headsteer_quantise(values, values.count, &codes, &scales, &sums) }

    /// [count][rows]: sums in double precision, and bounds of what float32 may deviate from them: each group goes through
    /// four roundings of its own and one for each group after it, of its two parts.
    func products(_ matrix: StoredMatrix) -> (sums: [Double], bounds: [Double]) {
        var sums: [Double] = []
        var bounds: [Double] = []
        for vector in 0..<count {
            for row in matrix.weights {
                var sum = 0.0
                var magnitude = 0.0
                for i in 0..<size {
                    let x = Double(codes[vector * size + i]) * Double(scales[(vector * size + i) / 32])
                    sum += Double(row[i]) * x
                    magnitude += (abs(Double(row[i])) + 1) * abs(x)
                }
                sums.append(sum)
                bounds.append(magnitude * Double(size / 16 + 6) * 16 * 0x1p-24)
            }
        }
        return (sums, bounds)
    }

    /// [vectors][rows]: what a kernel computes for ranges of rows and vectors. Fails where it writes outside.
    func run(_ kernel: Kernel, _ matrix: StoredMatrix, rows: Range<Int>, vectors: Range<Int>) -> [Float] {
        let stride = rows.count + 2
        var y = [Float](repeating: -7, count: vectors.count * stride)
        var scratch = [Float](repeating: .nan, count: headsteer_scratch(size))
        matrix.bytes.withUnsafeBytes { bytes in
            codes.withUnsafeBufferPointer { codes in
                scales.withUnsafeBufferPointer { scales in
                    sums.withUnsafeBufferPointer { sums in
                        let x = headsteer_int8_vectors(
                            codes: codes.baseAddress! + vectors.lowerBound * size,
                            scales: scales.baseAddress! + vectors.lowerBound * size / 32,
                            sums: sums.baseAddress! + vectors.lowerBound * size / 32)
                        kernel(
                            Int32(matrix.format.rawValue),
                            bytes.baseAddress! + StoredMatrix.start + rows.lowerBound * matrix.rowBytes,
                            matrix.rowBytes, rows.count, size, x, vectors.count, &y, stride, &scratch)
                    }
                }
            }
        }
        for vector in 0..<vectors.count {
            let gap = y[(vector * stride + rows.count)..<((vector + 1) * stride)]
            XCTAssertEqual(Array(gap), [-7, -7], "\(matrix.format.name): written between the vectors of results")
        }
        return (0..<vectors.count).flatMap { y[($0 * stride)..<($0 * stride + rows.count)] }
    }
}
