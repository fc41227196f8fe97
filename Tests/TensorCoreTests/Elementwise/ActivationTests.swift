import Foundation
import XCTest
import _TestSupport

@testable import TensorCore

/// Layer norm and the MLPs' nonlinearities, against their formulas in double precision.
final class ActivationTests: XCTestCase {
    private let values: [Float] = [-30, -7.5, -3, -1, -0.3, -1e-4, 0, 1e-6, 0.2, 1, 2.5, 6, 20]

    private func check(
        _ what: String, _ formula: (Double) -> Double,
        _ compute: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        var found = [Float](repeating: .nan, count: values.count)
        compute(values, &found, values.count)
        for (x, y) in zip(values, found) {
            let exact = formula(Double(x))
            XCTAssertEqual(Double(y), exact, accuracy: 2e-6 * max(1, abs(exact)), "\(what)(\(x))")
        }
    }

    func testFormulas() {
        check("silu", { $0 / (1 + exp(-$0)) }) { Elementwise.silu($0, into: $1, count: $2) }
        check("gelu", { $0 * 0.5 * erfc(-$0 / 2.0.squareRoot()) }) { Elementwise.gelu($0, into: $1, count: $2) }
        check("geluTanh", { $0 * 0.5 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * pow($0, 3)))) }) {
            Elementwise.geluTanh($0, into: $1, count: $2)
        }
    }

    func testLimitedGate() {
        let up = values.reversed().map { $0 * 0.7 }
        var found = [Float](repeating: .nan, count: values.count)
        Elementwise.limitedGate(values, up, limit: 7, slope: 1.702, into: &found, count: values.count)
        for (i, y) in found.enumerated() {
            let g = min(Double(values[i]), 7)
            let u = max(-7, min(Double(up[i]), 7))
            let exact = g / (1 + exp(-1.702 * g)) * (u + 1)
            XCTAssertEqual(Double(y), exact, accuracy: 1e-5 * max(1, abs(exact)), "gate \(values[i]), up \(up[i])")
        }
    }

    func testLayerNorm() {
        // A mean that is large beside the spread.
        for offset in [0, 1000] as [Float] {
            let x = values.map { $0 * 0.1 + offset }
            let w = values.indices.map { Float($0) * 0.25 - 1 }
            let b = values.indices.map { 2 - Float($0) }
            let n = Double(x.count)
            let mean = x.reduce(0.0) { $0 + Double($1) } / n
            let variance = x.reduce(0.0) { $0 + pow(Double($1) - mean, 2) } / n
            for hasBias in [true, false] {
                var found = [Float](repeating: .nan, count: x.count)
                b.withUnsafeBufferPointer { b in
                    Elementwise.layerNorm(
                        x, weight: w, bias: hasBias ? b.baseAddress : nil, epsilon: 1e-5, into: &found, count: x.count)
                }
                for i in x.indices {
                    let normed = (Double(x[i]) - mean) / (variance + Double(Float(1e-5))).squareRoot()
                    let exact = normed * Double(w[i]) + (hasBias ? Double(b[i]) : 0)
                    XCTAssertEqual(
                        Double(found[i]), exact, accuracy: 2e-6 * max(1, abs(exact)), "value \(i), \(offset)")
                }
            }
        }
    }
}
