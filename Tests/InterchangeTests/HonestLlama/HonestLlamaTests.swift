import Checkpoints
import Directions
import Foundation
import Interchange
import Intervention
import Transformer
import XCTest
import _TestSupport

/// honest_llama's arrays, against its formulas in NumPy.
final class HonestLlamaTests: XCTestCase {
    private let shape = HeadShape(layers: 3, heads: 4, headSize: 6)
    private static let folder = FixtureLocation.fixtures.appending(path: "interchange/honest-llama")

    private func array(_ name: String) throws -> NumPyArray {
        try NumPyArray(contentsOf: Self.folder.appending(path: "\(name).npy"))
    }

    private func expected() throws -> SafetensorsFile {
        try SafetensorsFile(contentsOf: Self.folder.appending(path: "expected.safetensors"))
    }

    private func check(
        _ file: DirectionFile, statistics source: String?, sigma: String = "sigma", _ what: String,
        line: UInt = #line
    ) throws {
        let reference = try expected()
        XCTAssertEqual(file.names, (0..<3).flatMap { layer in (0..<4).map { "\(layer).\($0)" } }, what, line: line)
        func all(_ value: (DirectionFile.Entry) -> [Float]?) -> [Float] {
            file.names.flatMap { file[$0].flatMap(value) ?? [] }
        }
        assertClose(
            all { $0.vector }, try reference.floats("directions"), relative: 1e-6, "\(what): directions", line: line)
        guard let source else {
            XCTAssertTrue(file.names.allSatisfy { file[$0]?.mean == nil }, what, line: line)
            return
        }
        assertClose(
            all { $0.sigma.map { [$0] } }, try reference.floats("\(source).\(sigma)"), relative: 1e-6,
            "\(what): sigma", line: line)
        assertClose(
            all { $0.mean }, try reference.floats("\(source).mean"), relative: 1e-6, "\(what): mean", line: line)
        assertClose(
            all { $0.headNorm.map { [$0] } }, try reference.floats("\(source).norm"), relative: 1e-6, "\(what): norm",
            line: line)
    }

    func testSavedDirectionsWithTheSpreadOfActivations() throws {
        let reader = HonestLlamaImport(shape)
        for name in ["com_directions", "com_directions-3d"] {
            try check(try reader.directions(try array(name)), statistics: nil, name)
            for (activations, source) in [("head_wise", "own"), ("tuning_head_wise", "tuning")] {
                try check(
                    try reader.directions(try array(name), activations: try array(activations)), statistics: source,
                    "\(name), \(activations)")
            }
        }
        let given = try reader.directions(
            try array("com_directions"), sigmas: try array("sigmas"), activations: try array("head_wise"))
        XCTAssertEqual(given.names.compactMap { given[$0]?.sigma }, (1...12).map { Float($0) / 4 })
        XCTAssertNotNil(given["1.2"]?.mean)
    }

    func testMassMeanDirections() throws {
        var reader = HonestLlamaImport(shape)
        let labels = try array("labels")
        for name in ["head_wise", "head_wise-4d", "head_wise-flat"] {
            try check(
                try reader.massMeanDirections(activations: try array(name), labels: labels), statistics: "own", name)
        }
        try check(
            try reader.massMeanDirections(
                activations: try array("head_wise"), labels: labels, tuning: try array("tuning_head_wise")),
            statistics: "tuning", "tuning")
        reader.ddof = 1
        try check(
            try reader.massMeanDirections(activations: try array("head_wise"), labels: labels), statistics: "own",
            sigma: "sigma1", "as torch.std")
    }

    /// What is imported goes through a file and into edits in units of σ.
    func testImportedDirectionsServePlans() throws {
        let url = try makeTemporaryFolder().appending(path: "directions.safetensors")
        try HonestLlamaImport(shape).directions(try array("com_directions"), activations: try array("head_wise"))
            .write(to: url)
        let file = try DirectionFile(contentsOf: url)
        let plan = InterventionPlan(edits: [
            PlannedEdit(
                Head(layer: 1, index: 2), .add, direction: .named("1.2"), strength: 15, unit: .sigma, positions: .last)
        ])
        let edits = try LoadedPlan(plan, directions: file).edits(headSize: 6, width: 24)
        guard case .add(let vector) = edits[0].change else { return XCTFail("\(edits[0].change)") }
        let row = try expected().floats("directions")[(6 * 6)..<(7 * 6)].map(Double.init)
        let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let sigma = Double(try expected().floats("own.sigma")[6])
        assertClose(vector, row.map { Float(15 * sigma * $0 / norm) }, relative: 1e-5, "15 sigma of head 1.2")
    }

    func testWrongArraysThrow() throws {
        let reader = HonestLlamaImport(shape)
        let directions = try array("com_directions")
        let (activations, labels) = try (array("head_wise"), array("labels"))
        assertRefused(saying: "directions of the shape", "(12, 6)") { _ = try reader.directions(labels) }
        assertRefused(saying: "directions of the shape") {
            _ = try HonestLlamaImport(HeadShape(layers: 4, heads: 4, headSize: 6)).directions(directions)
        }
        assertRefused(saying: "activations of the shape", "(N, 3, 4, 6)") {
            _ = try reader.directions(directions, activations: directions)
        }
        assertRefused(saying: "σ of the shape") { _ = try reader.directions(directions, sigmas: labels) }
        assertRefused(saying: "labels of the shape") {
            _ = try reader.massMeanDirections(activations: activations, labels: directions)
        }
        assertRefused(saying: "labels of the shape") {
            _ = try reader.massMeanDirections(activations: try array("tuning_head_wise"), labels: labels)
        }
        // The labels' file with other numbers.
        let url = try makeTemporaryFolder().appending(path: "changed.npy")
        let good = try Data(contentsOf: Self.folder.appending(path: "labels.npy"))
        func changed(_ body: (inout Data) -> Void) throws -> NumPyArray {
            var data = good
            body(&data)
            try data.write(to: url)
            return try NumPyArray(contentsOf: url)
        }
        assertRefused(saying: "the label 2.0", "[21]") {
            _ = try reader.massMeanDirections(
                activations: activations, labels: try changed { $0[$0.count - 8] = 2 })
        }
        assertRefused(saying: "all the same") {
            _ = try reader.massMeanDirections(
                activations: activations,
                labels: try changed { data in for i in (data.count - 22 * 8)..<data.count { data[i] = 0 } })
        }
        let numbers = try Data(contentsOf: Self.folder.appending(path: "com_directions.npy"))
        var notFinite = numbers
        notFinite[notFinite.count - 1] = 0x7F
        notFinite[notFinite.count - 2] = 0xC0
        try notFinite.write(to: url)
        assertRefused(saying: "NaN or infinite", "changed.npy") {
            _ = try reader.directions(try NumPyArray(contentsOf: url))
        }
        // Heads without a direction have nothing to be steered along.
        var zero = numbers
        for i in (zero.count - 24)..<zero.count { zero[i] = 0 }
        try zero.write(to: url)
        let file = try reader.directions(try NumPyArray(contentsOf: url), activations: activations)
        XCTAssertEqual(file.names.count, 11)
        XCTAssertNil(file["2.3"])
    }
}
