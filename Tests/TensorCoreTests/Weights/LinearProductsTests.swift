import DataFiles
import TensorCore
import XCTest
import _TestSupport

/// Y = X·Wᵀ + b against loops in double precision, for both ways of computing it and every hand-over between them.
final class LinearProductsTests: XCTestCase {
    private static let rowCounts = Array(1...20) + [33, 70, 200]

    private func random(_ count: Int, _ seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float(generator.gaussian()) }
    }

    private func layer(outputs: Int, inputs: Int, bias: Bool, seed: UInt64) -> (LinearLayer, [Float], [Float]?) {
        let weights = random(outputs * inputs, seed)
        let values = bias ? random(outputs, seed + 1) : nil
        return (
            LinearLayer(weights: WeightMatrix(rows: outputs, columns: inputs, elements: weights), bias: values),
            weights,
            values
        )
    }

    /// Fails where a value is off by more than the roundings of a float32 sum of so many products allow.
    private func check(
        _ y: [Float], stride: Int, x: [Float], inputStride: Int, weights: [Float], bias: [Float]?, rows: Int,
        outputs: Int, inputs: Int, _ what: String, line: UInt = #line
    ) {
        for row in 0..<rows {
            for output in 0..<outputs {
                var exact = bias.map { Double($0[output]) } ?? 0
                var magnitude = abs(exact)
                for input in 0..<inputs {
                    let product = Double(x[row * inputStride + input]) * Double(weights[output * inputs + input])
                    exact += product
                    magnitude += abs(product)
                }
                let actual = Double(y[row * stride + output])
                let bound = magnitude * 0x1p-24 * (4 + Double(inputs).squareRoot())
                if !(abs(actual - exact) <= bound) {
                    return XCTFail(
                        "\(what): row \(row), output \(output) is \(actual) instead of \(exact), allowed \(bound)",
                        line: line)
                }
            }
        }
    }

    func testEveryNumberOfRows() {
        let workers = WorkerPool(count: 2)
        let products = LinearProducts(pool: workers)
        for (outputs, inputs, bias) in [
            (1, 1, false), (67, 31, true), (130, 33, false), (5, 129, true), (11, 1600, true),
        ] {
            let (layer, weights, values) = layer(outputs: outputs, inputs: inputs, bias: bias, seed: 11)
            let x = random(200 * inputs, 13)
            for rows in Self.rowCounts {
                var y = [Float](repeating: .nan, count: rows * outputs)
                products.run([LinearProduct(layer, x, into: &y)], rows: rows)
                check(
                    y, stride: outputs, x: x, inputStride: inputs, weights: weights, bias: values, rows: rows,
                    outputs: outputs, inputs: inputs, "\(rows) rows of \(outputs) × \(inputs)")
            }
        }
    }

    func testStridesLeaveTheRestAlone() {
        let products = LinearProducts(pool: WorkerPool(count: 2))
        let (outputs, inputs, inputStride, outputStride) = (70, 24, 29, 75)
        let (layer, weights, bias) = layer(outputs: outputs, inputs: inputs, bias: true, seed: 21)
        for rows in [1, 3, 8, 9, 20] {
            let x = random(rows * inputStride, 22)
            var y = [Float](repeating: -5, count: rows * outputStride)
            products.run(
                [LinearProduct(layer, x, stride: inputStride, into: &y, stride: outputStride)], rows: rows)
            check(
                y, stride: outputStride, x: x, inputStride: inputStride, weights: weights, bias: bias, rows: rows,
                outputs: outputs, inputs: inputs, "\(rows) rows with strides")
            for row in 0..<rows {
                XCTAssertEqual(
                    Array(y[(row * outputStride + outputs)..<((row + 1) * outputStride)]), [-5, -5, -5, -5, -5],
                    "between rows \(row) and \(row + 1) of \(rows)")
            }
        }
    }

    func testSeveralProductsInOneCall() {
        let products = LinearProducts(pool: WorkerPool(count: 3))
        let shapes = [(outputs: 96, inputs: 40), (outputs: 1, inputs: 40), (outputs: 200, inputs: 17)]
        let layers = shapes.enumerated().map {
            layer(outputs: $1.outputs, inputs: $1.inputs, bias: $0 == 1, seed: UInt64(30 + 2 * $0))
        }
        for rows in [1, 8, 9, 33] {
            let x = shapes.enumerated().map { random(rows * $1.inputs, UInt64(40 + $0)) }
            var first = [Float](repeating: .nan, count: rows * shapes[0].outputs)
            var second = [Float](repeating: .nan, count: rows * shapes[1].outputs)
            var third = [Float](repeating: .nan, count: rows * shapes[2].outputs)
            products.run(
                [
                    LinearProduct(layers[0].0, x[0], into: &first), LinearProduct(layers[1].0, x[1], into: &second),
                    LinearProduct(layers[2].0, x[2], into: &third),
                ], rows: rows)
            for (index, y) in [first, second, third].enumerated() {
                check(
                    y, stride: shapes[index].outputs, x: x[index], inputStride: shapes[index].inputs,
                    weights: layers[index].1, bias: layers[index].2, rows: rows, outputs: shapes[index].outputs,
                    inputs: shapes[index].inputs, "product \(index), \(rows) rows")
            }
        }
    }

    func testSameBitsForAnyNumberOfWorkers() {
        let (outputs, inputs) = (333, 65)
        let (layer, _, _) = layer(outputs: outputs, inputs: inputs, bias: true, seed: 51)
        let pools = [1, 2, 3, 5].map { WorkerPool(count: $0) }
        for rows in [1, 2, 8, 9, 20, 70] {
            let x = random(rows * inputs, 52)
            let results = pools.map { pool in
                var y = [Float](repeating: .nan, count: rows * outputs)
                LinearProducts(pool: pool).run([LinearProduct(layer, x, into: &y)], rows: rows)
                return y.map(\.bitPattern)
            }
            for (pool, result) in zip(pools, results) {
                XCTAssertEqual(result, results[0], "\(rows) rows with \(pool.count) workers")
            }
        }
    }

    func testNoRowsAndNoProducts() {
        let products = LinearProducts(pool: WorkerPool(count: 2))
        let (layer, _, _) = layer(outputs: 3, inputs: 2, bias: true, seed: 61)
        var y: [Float] = [1, 2, 3]
        products.run([LinearProduct(layer, [1, 1], into: &y)], rows: 0)
        products.run([], rows: 4)
        XCTAssertEqual(y, [1, 2, 3])
    }

    func testWeightMatrixUnpacksWhatItWasGiven() {
        let values = random(7 * 5, 71)
        let weights = WeightMatrix(rows: 7, columns: 5, elements: values)
        XCTAssertEqual(weights.unpacked(), Matrix(rows: 7, columns: 5, elements: values))
        XCTAssertEqual(weights.byteCount, 7 * 5 * 4)
        var row = [Float](repeating: 0, count: 5)
        weights.unpack(row: 6, into: &row)
        XCTAssertEqual(row, Array(values[30...]))
    }
}
