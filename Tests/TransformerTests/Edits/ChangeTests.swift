import TensorCore
import Transformer
import XCTest
import _TestSupport

/// What each operation does to a head's z, against loops in double precision on the values without the edit.
final class ChangeTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let tokens = [1, 31, 90, 67, 36, 15]
    private let head = 3
    private let size = 8

    /// The head's values before and after an edit at all positions, one row for each position; and fails where the
    /// edit changed anything else of z in its layer.
    private func values(_ change: Change, line: UInt = #line) throws -> [(before: [Double], after: [Float])] {
        let model = try ReferenceModel.tiny("grouped").model
        let range = (head * size)..<((head + 1) * size)
        let plain = try XCTUnwrap(model.pass(tokens, reads: [Read(.z(0), at: .all)], workers: workers)[.z(0)]).values
        let edited = try XCTUnwrap(
            model.pass(
                tokens, edits: [.z(layer: 0, head: head, positions: .all, change)], reads: [Read(.z(0), at: .all)],
                workers: workers)[.z(0)]
        ).values
        for row in 0..<plain.rows {
            for column in 0..<plain.columns where !range.contains(column) {
                XCTAssertEqual(
                    edited[row, column].bitPattern, plain[row, column].bitPattern, "row \(row), value \(column)",
                    line: line)
            }
        }
        return (0..<plain.rows).map { row in
            (plain.values(row: row, range).map(Double.init), edited.values(row: row, range))
        }
    }

    private func check(
        _ change: Change, _ what: String, tolerance: Double = 1e-6, line: UInt = #line,
        _ expected: ([Double]) -> [Double]
    ) throws {
        for (row, (before, after)) in try values(change, line: line).enumerated() {
            let exact = expected(before)
            for i in 0..<size {
                XCTAssertEqual(
                    Double(after[i]), exact[i], accuracy: tolerance * (1 + abs(exact[i])),
                    "\(what): row \(row), value \(i)", line: line)
            }
        }
    }

    private func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }

    func testVectorsAndFactors() throws {
        let v = gaussians(size, seed: 1)
        try check(.add(v), "add") { x in zip(x, v).map { $0 + Double($1) } }
        try check(.scale(-2.5), "scale") { x in x.map { -2.5 * $0 } }
        try check(.scale(0), "scale by 0") { x in x.map { _ in 0 } }
        try check(.zero, "zero", tolerance: 0) { x in x.map { _ in 0 } }
        try check(.replace(v), "replace", tolerance: 0) { _ in v.map(Double.init) }
    }

    func testComponents() throws {
        let unit = unitVector(size, seed: 2)
        let u = unit.map(Double.init)
        try check(.projectOut(unit), "projectOut") { x in zip(x, u).map { $0 - dot(x, u) * $1 } }
        try check(.setComponent(unit, 3), "setComponent") { x in zip(x, u).map { $0 + (3 - dot(x, u)) * $1 } }
        try check(.reflect(unit), "reflect") { x in zip(x, u).map { $0 - 2 * dot(x, u) * $1 } }
        for (before, after) in try values(.projectOut(unit)) {
            XCTAssertEqual(dot(after.map(Double.init), u), 0, accuracy: 1e-6)
            XCTAssertNotEqual(dot(before, u), 0, accuracy: 1e-3, "there was nothing to project out")
        }
    }

    func testRotation() throws {
        let unit = unitVector(size, seed: 3)
        let u = unit.map(Double.init)
        for degrees in [-170, -30, 15, 90, 180] {
            for (before, after) in try values(.rotate(unit, degrees: Float(degrees))) {
                let x = before
                let y = after.map(Double.init)
                XCTAssertEqual(dot(y, y), dot(x, x), accuracy: 1e-5 * dot(x, x), "norm, \(degrees)°")
                // The angle between both is the one asked for, and y lies in the plane of x and u.
                let cosine = dot(x, y) / dot(x, x)
                XCTAssertEqual(cosine, cos(Double(degrees) * .pi / 180), accuracy: 1e-5, "angle, \(degrees)°")
                let before = acos(dot(x, u) / dot(x, x).squareRoot())
                let expected = cos(before - Double(degrees) * .pi / 180) * dot(x, x).squareRoot()
                XCTAssertEqual(dot(y, u), expected, accuracy: 1e-5 * dot(x, x).squareRoot(), "to u, \(degrees)°")
                let across = zip(x, u).map { $0 - dot(x, u) * $1 }
                let squares = dot(y, u) * dot(y, u) + dot(y, across) * dot(y, across) / dot(across, across)
                XCTAssertEqual(squares, dot(y, y), accuracy: 1e-5 * dot(y, y), "in the plane, \(degrees)°")
            }
        }
    }

    /// Along the direction itself there is no plane to turn in.
    func testRotationOfAVectorAlongTheDirection() throws {
        let unit: [Float] = [0, 1, 0, 0, 0, 0, 0, 0]
        let model = try ReferenceModel.tiny("grouped").model
        for along in [2, -2, 0] as [Float] {
            let values = unit.map { along * $0 }
            let result = try model.pass(
                tokens,
                edits: [
                    .z(layer: 0, head: head, positions: .all, .replace(values)),
                    .z(layer: 0, head: head, positions: .all, .rotate(unit, degrees: 40)),
                ], reads: [Read(.z(0), at: .all)], workers: workers)
            let z = try XCTUnwrap(result[.z(0)]).values
            XCTAssertEqual(z.values(row: 2, 24..<32), values)
        }
    }

    func testCustomChangeSeesItsPlaceAndValues() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let change = Change.custom { values, place in
            for i in values.indices { values[i] = Float(1000 * place.promptCount + 100 * place.position + i) + 0.5 }
            values[0] = Float(place.token)
        }
        let result = try model.pass(
            tokens, edits: [.z(layer: 1, head: 0, positions: .generated, change)], reads: [Read(.z(1), at: .all)],
            promptCount: 4, workers: workers)
        let z = try XCTUnwrap(result[.z(1)]).values
        XCTAssertEqual(z.values(row: 4, 0..<8), [36] + (1..<8).map { Float(4400 + $0) + 0.5 })
        XCTAssertEqual(z.values(row: 5, 0..<8), [15] + (1..<8).map { Float(4500 + $0) + 0.5 })
        XCTAssertLessThan(abs(z[3, 1]), 100, "a position that the rule doesn't concern")
    }

    /// Edits of the same values are carried out in their order.
    func testOrder() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let ones = [Float](repeating: 1, count: size)
        func first(_ changes: [Change]) throws -> Float {
            let edits = changes.map { Edit.z(layer: 2, head: 1, positions: .all, $0) }
            let result = try model.pass(tokens, edits: edits, reads: [Read(.z(2), at: .all)], workers: workers)
            return try XCTUnwrap(result[.z(2)]).values[0, 8]
        }
        XCTAssertEqual(try first([.zero, .add(ones), .scale(3)]), 3)
        XCTAssertEqual(try first([.zero, .scale(3), .add(ones)]), 1)
        XCTAssertEqual(try first([.add(ones), .scale(3), .zero]), 0)
    }

    func testChangesThatChangeNothing() {
        XCTAssertTrue(Change.add([0, -0.0]).isIdentity)
        XCTAssertTrue(Change.scale(1).isIdentity)
        XCTAssertTrue(Change.rotate([1, 0], degrees: 0).isIdentity)
        for change in [Change.add([0, 1]), .scale(0), .zero, .replace([0]), .projectOut([1]), .reflect([1])] {
            XCTAssertFalse(change.isIdentity, "\(change)")
        }
    }
}
