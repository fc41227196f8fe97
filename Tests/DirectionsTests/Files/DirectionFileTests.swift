import Checkpoints
import DataFiles
import Directions
import Foundation
import XCTest
import _TestSupport

final class DirectionFileTests: XCTestCase {
    private func file(
        _ tensors: [(name: String, shape: [Int])], metadata: [String: String] = [:]
    ) throws -> DirectionFile {
        var writer = SafetensorsWriter(metadata: metadata)
        for (name, shape) in tensors {
            writer.add(name, shape: shape, (0..<shape.reduce(1, *)).map { Float($0) + 1 })
        }
        let url = try makeTemporaryFolder().appending(path: "d.safetensors")
        try writer.write(to: url)
        return try DirectionFile(contentsOf: url)
    }

    private func message(_ name: String, _ file: DirectionFile) -> String {
        do {
            _ = try file.entry(name, for: "plan.json: edits[0]")
            return "nothing was thrown"
        } catch { return "\(error)" }
    }

    func testADirectionOfTwoAxesIsNamedWithItsShape() throws {
        let file = try file([("1.0", [1, 8]), ("1.0.sigma", [1])])
        XCTAssertEqual(file.names, [])
        let text = message("1.0", file)
        XCTAssertTrue(text.contains("has the shape [1, 8]") && text.contains("store it as [8]"), text)
        XCTAssertTrue(text.contains("plan.json: edits[0]"), text)
    }

    func testMissingDirections() throws {
        XCTAssertTrue(message("1.0", try file([])).hasSuffix("write it with headsteer probe --out"))
        let some = try file([("0.3", [2]), ("1.5", [2]), ("2.0", [2]), ("9.9", [2])])
        XCTAssertTrue(message("1.2", some).hasSuffix("the nearest names there are 1.5, 0.3, 2.0"), message("1.2", some))
        XCTAssertTrue(message("mood", try file([("moot", [2])])).hasSuffix("the nearest names there are moot"))
    }

    func testValuesAreThoseOfTheirNames() throws {
        let url = try makeTemporaryFolder().appending(path: "d.safetensors")
        var written = DirectionFile()
        written.add(
            "residual-post.3",
            .init(vector: [1, 2], sigma: 3, mean: [4, 5], headNorm: 6, residualNorm: 7, threshold: 8))
        written.add("1.0", .init(vector: [9]))
        try written.write(to: url)
        let tensors = try SafetensorsFile(contentsOf: url)
        XCTAssertEqual(
            Set(tensors.entries.map(\.name)),
            [
                "residual-post.3", "residual-post.3.sigma", "residual-post.3.mean", "residual-post.3.head-norm",
                "residual-post.3.residual-norm", "residual-post.3.threshold", "1.0",
            ])
        let read = try DirectionFile(contentsOf: url)
        for name in written.names { XCTAssertEqual(read[name], written[name], name) }
    }

    /// Files of version 0.1 name sites without heads otherwise.
    func testFormerNamesOfSitesWithoutHeads() throws {
        let old = try file([("layer.3", [2]), ("layer.3.sigma", [1])], metadata: ["site": "residual-post"])
        XCTAssertEqual(old.names, ["residual-post.3"])
        XCTAssertEqual(old["residual-post.3"]?.sigma, 1)
        XCTAssertEqual(try file([("layer.3", [2])]).names, ["layer.3"], "a name of one's own")
    }

    /// Names of the format up to version 0.1 beside today's, for one layer.
    func testOneDirectionUnderTwoNames() throws {
        for names in [["layer.1", "residual-post.1"], ["layer.1", "layer.+1"], ["layer.1", "layer.01"]] {
            let url = try makeTemporaryFolder().appending(path: "d.safetensors")
            var writer = SafetensorsWriter(metadata: ["site": "residual-post"])
            for name in names { writer.add(name, shape: [2], [1, 2]) }
            try writer.write(to: url)
            XCTAssertThrowsError(try DirectionFile(contentsOf: url), "\(names)") {
                XCTAssertTrue("\($0)".contains("the direction residual-post.1 under two names"), "\($0)")
            }
        }
    }
}
