import DataFiles
import Directions
import HeadSteerTesting
import Intervention
import Transformer
import XCTest
import _TestSupport

/// Plans made of heads and directions.
final class PlanMakingTests: XCTestCase {
    private func directions(_ names: [String] = ["2.1", "2.3", "4.2", "5.0"], size: Int = 16) -> DirectionFile {
        var file = DirectionFile(place: "probes.safetensors")
        for name in names {
            let vector = (0..<size).map { Float($0) + 1 }
            file.add(name, DirectionFile.Entry(vector: vector, sigma: 2, mean: vector, headNorm: 5))
        }
        file.metadata = ["fingerprint": "sha256:00"]
        return file
    }

    private func make(
        _ targets: [String], _ file: DirectionFile, unit: StrengthUnit = .sigma, fingerprint: String = "sha256:00"
    ) throws -> LoadedPlan {
        try LoadedPlan(
            moving: targets.map { try XCTUnwrap(EditTarget($0), $0) }, along: file, by: -1.5, unit: unit,
            positions: .prompt, in: PlantedModel().model.configuration, fingerprint: fingerprint)
    }

    func testAPlanSaysWhatWasAskedFor() throws {
        let made = try make(["4.2", "2.1"], directions())
        XCTAssertEqual(
            made.plan.edits,
            [(4, 2), (2, 1)].map { layer, index in
                PlannedEdit(
                    Head(layer: layer, index: index), .add, direction: .named("\(layer).\(index)"), strength: -1.5,
                    unit: .sigma, positions: .prompt)
            })
        let folder = try makeTemporaryFolder()
        try made.write(to: folder)
        let again = try LoadedPlan(contentsOf: folder.appending(path: "plan.json"))
        XCTAssertEqual(again.plan, made.plan)
        XCTAssertEqual(again.directions?.names, ["2.1", "2.3", "4.2", "5.0"], "others are there for controls")
        XCTAssertEqual(again.plan.model?.fingerprint, "sha256:00")
    }

    /// What was searched with and what its plan's file says are one edit, to the bit.
    func testTheFilesEditsAreThoseOfTheDirections() throws {
        let planted = try PlantedModel()
        let directions = try planted.directions()
        let heads = directions.map(\.head)
        for strength in [8, -1.3] {
            let made = try LoadedPlan(
                moving: heads.map { .head($0) }, along: DirectionFile(directions, residualNorms: []), by: strength,
                unit: .sigma, positions: .last, in: planted.model.configuration, fingerprint: "sha256:00")
            let folder = try makeTemporaryFolder()
            try made.write(to: folder)
            let kept = try LoadedPlan(contentsOf: folder.appending(path: "plan.json")).edits(
                planted.model.configuration)
            for (direction, edit) in zip(directions, kept) {
                guard case .add(let own) = direction.edit(sigmas: strength).change, case .add(let read) = edit.change
                else {
                    return XCTFail("other changes than additions")
                }
                XCTAssertEqual(own.map(\.bitPattern), read.map(\.bitPattern), "\(direction.name) by \(strength)")
            }
        }
    }

    func testWhatIsMissingIsNamed() throws {
        func refused(_ words: String..., line: UInt = #line, _ body: () throws -> LoadedPlan) {
            XCTAssertThrowsError(try body(), line: line) { error in
                let text = (error as? InputError)?.description ?? "another error: \(error)"
                for word in words { XCTAssertTrue(text.contains(word), "\(text) without \(word)", line: line) }
            }
        }
        // Nearest are the heads of the nearest layers.
        refused("the direction 4.1", "probes.safetensors lacks", "the nearest names there are 4.2, 5.0, 2.1") {
            try make(["4.1"], directions())
        }
        refused("no directions at all") { try make(["4.1"], directions([])) }
        refused("no residual-norm") { try make(["2.1"], directions(), unit: .residualNorm) }
        refused("another model") { try make(["2.1"], directions(), fingerprint: "sha256:01") }
        refused("2.1, given twice") { try make(["2.1", "4.2", "2.1"], directions()) }
        refused("there is no layer 6") { try make(["6.0"], directions(["6.0"])) }
        refused("there is no head 2.4", "0 to 3") { try make(["2.4"], directions(["2.4"])) }
        refused("a direction of 3 values") { try make(["2.1"], directions(size: 3)) }
        refused("without heads") { try make([], directions()) }
        var query = directions()
        query.metadata["site"] = "query"
        refused("the site query", "z") { try make(["2.1"], query) }
        refused("the site z", "--site residual-post") { try make(["residual-post.2"], directions(["residual-post.2"])) }
        var zero = DirectionFile()
        zero.add("2.1", DirectionFile.Entry(vector: [Float](repeating: 0, count: 16), sigma: 0))
        refused("length 0") { try make(["2.1"], zero) }
    }

    func testTargetsReadWhatTheyPrint() {
        for text in ["12.8", "residual-post.3", "mlp-out.0"] { XCTAssertEqual(EditTarget(text)?.description, text) }
        for text in ["z.3", "query.3", "residual-post.-1", "residual-post.03", "residual-post", "12", "logits.0"] {
            XCTAssertNil(EditTarget(text), text)
        }
    }
}
