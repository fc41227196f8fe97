import CWeightKernels
import DataFiles
import TensorCore
import XCTest

/// Products of floats and with transposed weights, against plain loops in Swift that add up in the same order: bit for bit.
final class FloatProductKernelsTests: XCTestCase {
    /// The steps that are added up before they are added to a result.
    private static let depth = 128

    /// What c becomes: plain C rounds each product, the others don't.
    private func sum(
        onto c: Float, factor: Float, steps: Int, isFused: Bool, _ a: (Int) -> Float, _ b: (Int) -> Float
    ) -> Float {
        func add(_ x: Float, _ y: Float, to z: Float) -> Float { isFused ? z.addingProduct(x, y) : z + x * y }
        var result = c
        for first in stride(from: 0, to: steps, by: Self.depth) {
            var block: Float = 0
            for step in first..<min(first + Self.depth, steps) { block = add(a(step), b(step), to: block) }
            result = add(factor, block, to: result)
        }
        return result
    }

    /// Sizes around those of tiles, vectors and blocks of steps; A as it is and transposed; added and written over.
    func testProductsAreThoseOfPlainLoops() {
        var random = SeededGenerator(seed: 8)
        func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.gaussian()) } }
        let sizes = [(1, 1, 1), (6, 64, 128), (7, 65, 129), (13, 37, 20), (5, 16, 300), (12, 130, 3), (3, 7, 127)]
        for (rows, columns, steps) in sizes {
            for (isTransposed, isAdded, factor) in [(false, true, Float(1)), (true, false, 0.3), (true, true, -2)] {
                let (aRow, aStep) = isTransposed ? (1, rows + 2) : (steps + 1, 1)
                let (bStride, cStride) = (columns + 3, columns + 5)
                let a = values(isTransposed ? steps * aStep : rows * aRow)
                let b = values(steps * bStride)
                let before = values(rows * cStride)
                var expected: [Bool: [Float]] = [true: before, false: before]
                for isFused in [true, false] {
                    for row in 0..<rows {
                        for column in 0..<columns {
                            let place = row * cStride + column
                            expected[isFused]?[place] = sum(
                                onto: isAdded ? before[place] : 0, factor: factor, steps: steps, isFused: isFused,
                                { a[row * aRow + $0 * aStep] }, { b[$0 * bStride + column] })
                        }
                    }
                }
                for (name, kernels) in allKernels() {
                    var c = before
                    kernels.add_product(
                        rows, columns, steps, a, aRow, aStep, b, bStride, factor, isAdded ? 1 : 0, &c, cStride)
                    XCTAssertNil(
                        firstDifference(c, expected[name != "portable"] ?? []),
                        "\(name), \(rows) × \(columns), \(steps) steps, transposed \(isTransposed), added \(isAdded)")
                }
            }
        }
    }

    /// More rows of weights than are unpacked at once, some without any gradient; whole blocks of columns behind the first.
    func testTransposedProductsAreThoseOfPlainLoops() throws {
        let (outputs, batch) = (260, 5)
        var random = SeededGenerator(seed: 9)
        var g = (0..<(batch * outputs)).map { _ in Float(random.gaussian()) }
        // The second strip has no gradient, the third one in a single row.
        for row in 0..<batch {
            for output in Self.depth..<outputs where row != 2 || output < 2 * Self.depth {
                g[row * outputs + output] = 0
            }
        }
        for format in WeightFormat.allCases {
            let blockWeights = format.weightsPerBlock
            let blocks = blockWeights == 1 ? 41 : blockWeights == 32 ? 3 : 2
            let matrix = try StoredMatrix(format, rows: outputs, blocks: blocks)
            let skipped = blockWeights == 1 ? 4 : blockWeights
            let columns = matrix.columns - skipped
            // Of many columns, each format's arithmetic is the same: some are enough.
            let checked = Array(stride(from: 0, to: columns, by: max(columns / 12, 1)))
            let stride = columns + 1
            let before = (0..<(batch * stride)).map { _ in Float(random.gaussian()) }
            for (name, kernels) in allKernels() {
                func result(rows: Range<Int>) -> [Float] {
                    var y = Array(before[(rows.lowerBound * stride)..<(rows.upperBound * stride)])
                    var scratch = [Float](repeating: .nan, count: headsteer_transposed_scratch(columns))
                    matrix.bytes.withUnsafeBytes { bytes in
                        g.withUnsafeBufferPointer { g in
                            guard let bytes = bytes.baseAddress, let g = g.baseAddress else { return }
                            kernels.rows_add_transposed(
                                Int32(format.rawValue),
                                bytes + StoredMatrix.start + skipped / blockWeights * format.bytesPerBlock,
                                matrix.rowBytes, outputs, columns, g + rows.lowerBound * outputs, outputs, rows.count,
                                &y, stride, &scratch)
                        }
                    }
                    return y
                }
                let all = result(rows: 0..<batch)
                for row in 0..<batch {
                    for column in checked {
                        let exact = sum(
                            onto: before[row * stride + column], factor: 1, steps: outputs,
                            isFused: name != "portable", { g[row * outputs + $0] },
                            { matrix.weights[$0][skipped + column] })
                        let found = all[row * stride + column]
                        if found.bitPattern != exact.bitPattern {
                            return XCTFail(
                                "\(format.name), \(name), row \(row), column \(column): \(found), not \(exact)")
                        }
                    }
                    XCTAssertEqual(all[row * stride + columns], before[row * stride + columns], "\(name): past the end")
                }
                for rows in [0..<1, 1..<5] {
                    XCTAssertNil(
                        firstDifference(
                            result(rows: rows), Array(all[(rows.lowerBound * stride)..<(rows.upperBound * stride)])),
                        "\(format.name), \(name), rows \(rows) by themselves")
                }
            }
        }
    }
}
