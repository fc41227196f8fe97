import CWeightKernels
import DataFiles
import TensorCore
import XCTest

final class WeightKernelsDotTests: XCTestCase {
    func testSingleWeights() throws {
        for format in [WeightFormat.f32, .f16, .bf16] {
            try check(format, rows: 17, blocks: [1, 2, 3, 7])
            try check(format, rows: 5, blocks: [33, 67, 224])
        }
    }

    func testFormatsWithBlocksOf32() throws {
        for format in [WeightFormat.q4_0, .q4_1, .q5_0, .q5_1, .q8_0] {
            try check(format, rows: 17, blocks: [1, 2, 3, 7])
            try check(format, rows: 5, blocks: [33])
        }
    }

    /// From 32 vectors on, strips of rows are unpacked first; rows of more than 768 weights are taken in parts.
    func testManyVectors() throws {
        try check(.q4_1, rows: 7, blocks: [2, 33], vectors: 43)
        try check(.q6_K, rows: 4, blocks: [1, 4], vectors: 35)
        try check(.f16, rows: 5, blocks: [64, 800], vectors: 34)
        try check(.iq4_NL, rows: 7, blocks: [2, 33], vectors: 43)
        try check(.iq3_S, rows: 4, blocks: [1, 4], vectors: 35)
    }

    func testQ2KAndQ3K() throws { try checkBlocksOf256([.q2_K, .q3_K]) }
    func testQ4KAndQ5K() throws { try checkBlocksOf256([.q4_K, .q5_K]) }
    func testQ6K() throws { try checkBlocksOf256([.q6_K]) }

    /// Formats without kernels of their own: 12 rows and 8 vectors share an unpacking of 256 weights.
    func testFormatsThatAreUnpackedFirst() throws {
        for format in [WeightFormat.iq4_NL, .mxfp4] {
            try check(format, rows: 17, blocks: [1, 7, 8, 9])
            try check(format, rows: 25, blocks: [24], vectors: 19)
        }
        try checkBlocksOf256([
            .iq4_XS, .iq3_S, .iq3_XXS, .iq2_S, .iq2_XS, .iq2_XXS, .iq1_S, .iq1_M, .tq1_0, .tq2_0,
        ])
        try check(.iq4_XS, rows: 25, blocks: [2], vectors: 19)
    }

    private func checkBlocksOf256(_ formats: [WeightFormat]) throws {
        for format in formats {
            try check(format, rows: 17, blocks: [1])
            try check(format, rows: 5, blocks: [2, 3, 7])
            try check(format, rows: 3, blocks: [33])
        }
    }

    // MARK: - Checks

    private static let batches = [1, 2, 3, 4, 5, 8, 9]

    private func check(_ format: WeightFormat, rows: Int, blocks: [Int], vectors: Int = 9) throws {
        let matrix = try StoredMatrix(format, rows: rows, blocks: blocks.max()!)
        for count in blocks {
            let products = Products(matrix, columns: count * format.weightsPerBlock, vectors: vectors)
            let (sums, bounds) = products.inDoublePrecision()
            for (name, kernels) in allKernels() {
                let place = "\(format.name), \(products.columns) columns, \(name)"
                let all = products.run(kernels, rows: 0..<rows, vectors: 0..<vectors)
                for (i, (actual, sum)) in zip(all, sums).enumerated() where !(abs(Double(actual) - sum) <= bounds[i]) {
                    return XCTFail("\(place): result \(i) is \(actual), not \(sum) within \(bounds[i])")
                }
                checkBits(products, kernels, all, place)
            }
        }
    }

    /// Every batch and every range of rows gives the bits that all vectors and all rows together gave.
    private func checkBits(_ products: Products, _ kernels: headsteer_kernels, _ all: [Float], _ place: String) {
        let rows = products.matrix.rows
        var cases: [(rows: Range<Int>, vectors: Range<Int>)] = Self.batches.map { (0..<rows, 0..<$0) }
        cases += (0..<Self.batches.max()!).map { (0..<rows, $0..<($0 + 1)) }
        cases += [1, 2, 3, 5].filter { $0 <= rows }.map { (0..<$0, 1..<4) }
        cases += (1..<min(rows, 5)).map { ($0..<rows, 0..<1) }
        cases += (0..<rows).map { ($0..<($0 + 1), 2..<3) }
        for (rowRange, vectors) in cases {
            let expected = vectors.flatMap { vector in rowRange.map { all[vector * rows + $0] } }
            if let difference = firstDifference(products.run(kernels, rows: rowRange, vectors: vectors), expected) {
                return XCTFail("\(place), rows \(rowRange), vectors \(vectors): \(difference)")
            }
        }
    }
}

/// The products of a stored matrix (some of its first columns) with random vectors.
private struct Products {
    let matrix: StoredMatrix
    let columns: Int
    let vectors: Int
    /// [vectors][columns], with some unused numbers after each vector.
    let x: [Float]
    let stride: Int

    init(_ matrix: StoredMatrix, columns: Int, vectors: Int) {
        var random = SeededGenerator(seed: UInt64(columns))
        self.matrix = matrix
        self.columns = columns
        self.vectors = vectors
        stride = columns + 5
        x = (0..<(vectors * (columns + 5))).map { index in
            index % (columns + 5) < columns ? Float.random(in: -1...1, using: &random) : .nan
        }
    }

    /// [vectors][rows]: sums, and bounds of what float32 may deviate from them.
    ///
    /// All kernels have 16 partial sums: each product goes through its own rounding, at most ⌈columns/16⌉ additions in
    /// its partial sum (the last group counts as a full one) and 4 more: Higham, Accuracy and Stability of Numerical
    /// Algorithms, 2nd ed., eq. 4.4.
    func inDoublePrecision() -> (sums: [Double], bounds: [Double]) {
        var sums: [Double] = []
        var bounds: [Double] = []
        let roundings = Double((columns + 31) / 32 * 2 + 5)
        for vector in 0..<vectors {
            for row in matrix.weights {
                var sum = 0.0
                var magnitude = 0.0
                for i in 0..<columns {
                    let product = Double(row[i]) * Double(x[vector * stride + i])
                    sum += product
                    magnitude += abs(product)
                }
                sums.append(sum)
                bounds.append(magnitude * roundings * 0x1p-24)
            }
        }
        return (sums, bounds)
    }

    /// [vectors][rows]: what kernels compute for ranges of rows and vectors. Fails where they write outside.
    func run(_ kernels: headsteer_kernels, rows: Range<Int>, vectors: Range<Int>) -> [Float] {
        let yStride = rows.count + 2
        var y = [Float](repeating: -7, count: vectors.count * yStride)
        var scratch = [Float](repeating: .nan, count: headsteer_scratch(columns))
        matrix.bytes.withUnsafeBytes { bytes in
            x.withUnsafeBufferPointer { x in
                kernels.rows_dot_batch(
                    Int32(matrix.format.rawValue),
                    bytes.baseAddress! + StoredMatrix.start + rows.lowerBound * matrix.rowBytes, matrix.rowBytes,
                    rows.count, columns, x.baseAddress! + vectors.lowerBound * stride, stride, vectors.count, &y,
                    yStride, &scratch)
            }
        }
        for vector in 0..<vectors.count {
            let gap = y[(vector * yStride + rows.count)..<((vector + 1) * yStride)]
            XCTAssertEqual(Array(gap), [-7, -7], "\(matrix.format.name): written between the vectors of results")
        }
        return (0..<vectors.count).flatMap { y[($0 * yStride)..<($0 * yStride + rows.count)] }
    }
}
