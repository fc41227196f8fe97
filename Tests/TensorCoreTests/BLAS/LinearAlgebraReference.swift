import Foundation
import XCTest
import _TestSupport

/// What `Fixtures/numerics/linear_algebra.py` computed with numpy and scipy.
struct LinearAlgebraReference: Decodable {
    struct Products: Decodable {
        var columns: Int
        var rows, gram, scatter, right, product, left, transposedProduct: [Double]
    }
    struct Symmetric: Decodable {
        var name: String
        var size: Int
        var matrix, eigenvalues: [Double]
        /// The unit eigenvector of the largest eigenvalue, its largest coordinate positive.
        var leading: [Double]
        var right, minimumNorm: [Double]
        /// Missing for a matrix that isn't positive definite.
        var solution: [Double]?
    }

    var products: [Products]
    var symmetric: [Symmetric]

    static func load() throws -> LinearAlgebraReference {
        let file = FixtureLocation.fixtures.appending(path: "numerics/linear-algebra.json")
        return try JSONDecoder().decode(LinearAlgebraReference.self, from: Data(contentsOf: file))
    }
}

/// Fails with the first place that differs.
func assertVectorsClose(
    _ values: [Double], _ expected: [Double], _ accuracy: Double, _ name: String, file: StaticString = #filePath,
    line: UInt = #line
) {
    XCTAssertEqual(values.count, expected.count, "\(name): number of values", file: file, line: line)
    for (index, pair) in zip(values, expected).enumerated() where !(abs(pair.0 - pair.1) <= accuracy) {
        return XCTFail("\(name)[\(index)] is \(pair.0), not \(pair.1)", file: file, line: line)
    }
}
