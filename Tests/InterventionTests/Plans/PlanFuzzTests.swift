import DataFiles
import Directions
import Foundation
import Intervention
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Plans and directions files with anything in them: an error or a run, never a trap.
final class PlanFuzzTests: XCTestCase {
    private let workers = WorkerPool(count: 1)

    private func example() throws -> (model: LanguageModel, plan: Data, directions: Data) {
        let reference = try OperationReference("grouped")
        let model = try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped"))
        // A few cases that have every field between them, and the directions that they name.
        let names = [
            "add-sigma-all", "clamp-decay-keeping-norm", "gate-latched-below-generated", "gate-below", "scale-range",
            "residual-post-mean", "gate-latched-elsewhere", "rotate-keeping-norm", "zero-tokens", "add-first-2",
        ]
        var edits = reference.cases.filter { names.contains($0.name) }.flatMap(\.plan.edits)
        XCTAssertGreaterThanOrEqual(edits.count, names.count)
        for index in edits.indices { edits[index].behaviour = index % 2 == 0 ? "a" : "b" }
        let folder = try makeTemporaryFolder()
        var file = DirectionFile()
        for case .named(let name)? in edits.flatMap({ [$0.direction, $0.gate?.direction] }) where file[name] == nil {
            if let entry = reference.directions[name] { file.add(name, entry) }
        }
        try file.write(to: folder.appending(path: "d.safetensors"))
        let plan = InterventionPlan(directions: "d.safetensors", edits: edits, overlap: .orthogonal)
        let texts = [
            RecordedText(ids: [1, 31, 90], positions: 1..<3, label: true, projections: [edits[0].target: 0.5])
        ]
        try LoadedPlan(plan, directions: file).recorded(
            on: model, fingerprint: "sha256:0", prompts: [[1, 31, 90]], texts: texts, source: ["data": "d"],
            workers: workers
        ).plan.write(to: folder.appending(path: "plan.json"))
        return (
            model, try Data(contentsOf: folder.appending(path: "plan.json")),
            try Data(contentsOf: folder.appending(path: "d.safetensors"))
        )
    }

    /// Whether the files are good; anything that is accepted is used for all that plans are used for.
    private func isAccepted(_ plan: Data, _ directions: Data, _ model: LanguageModel, _ folder: URL, run: Bool) throws
        -> Bool
    {
        let url = folder.appending(path: "plan.json")
        try plan.write(to: url)
        try directions.write(to: folder.appending(path: "d.safetensors"))
        let edits: [Edit]
        do {
            let plan = try LoadedPlan(contentsOf: url)
            try plan.check(model, allowOtherModel: true, workers: workers)
            edits = try plan.edits(model.configuration)
            _ = try plan.strengths(model.configuration)
            _ = try LoadedPlan.combining([(name: "a", plan: plan)])
            if run { _ = try plan.directionCosines(model) }
            if run {
                try plan.plan.write(to: folder.appending(path: "again.json"))
                XCTAssertEqual(try InterventionPlan(contentsOf: folder.appending(path: "again.json")), plan.plan)
                _ = try PlanVerifier(model, workers: workers).verify(plan)
            }
        } catch let error as InputError {
            XCTAssertFalse(error.problem.isEmpty)
            XCTAssertFalse("\(error)".contains("\n"))
            return false
        }
        if run {
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: 3)]
            try run.advance([Step(tokens: [1, 31, 90], edits: edits)])
            try run.advance([Step(tokens: [67], edits: edits)])
        }
        return true
    }

    func testFlippedBytesOfAPlan() throws {
        let (model, plan, directions) = try example()
        let folder = try makeTemporaryFolder()
        XCTAssertTrue(try isAccepted(plan, directions, model, folder, run: true))
        var random = SeededGenerator(seed: 1)
        var accepted = 0
        let digits = plan.indices.filter { (48...57).contains(plan[$0]) }
        for round in 0..<80 {
            var bytes = plan
            // Every other time digits alone, which leaves the file well-formed.
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                if round.isMultiple(of: 2) {
                    let place = digits[Int.random(in: 0..<digits.count, using: &random)]
                    bytes[place] = UInt8.random(in: 48...57, using: &random)
                } else {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                        Bool.random(using: &random)
                        ? UInt8.random(in: 0...255, using: &random)
                        : Array("0123456789-.eE\"{}[],:".utf8)[Int.random(in: 0..<21, using: &random)]
                }
            }
            accepted += try isAccepted(bytes, directions, model, folder, run: false) ? 1 : 0
        }
        XCTAssertGreaterThan(accepted, 0)
        XCTAssertLessThan(accepted, 80)
    }

    func testTruncatedFiles() throws {
        let (model, plan, directions) = try example()
        let folder = try makeTemporaryFolder()
        for count in stride(from: 0, to: plan.count - 2, by: 131) {
            XCTAssertFalse(
                try isAccepted(plan.prefix(count), directions, model, folder, run: false), "a plan of \(count) bytes")
        }
        for count in stride(from: 0, to: directions.count, by: 181) {
            XCTAssertFalse(
                try isAccepted(plan, directions.prefix(count), model, folder, run: false),
                "directions of \(count) bytes")
        }
    }

    func testFlippedBytesOfDirections() throws {
        let (model, plan, directions) = try example()
        let folder = try makeTemporaryFolder()
        var random = SeededGenerator(seed: 2)
        var accepted = 0
        for _ in 0..<60 {
            var bytes = directions
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            accepted += try isAccepted(plan, bytes, model, folder, run: false) ? 1 : 0
        }
        XCTAssertGreaterThan(accepted, 0)
    }

    /// Values that are well-formed and absurd, in the place of every value of the plan.
    func testAbsurdValues() throws {
        let (model, plan, directions) = try example()
        let folder = try makeTemporaryFolder()
        let text = try XCTUnwrap(String(data: plan, encoding: .utf8))
        let absurd = [
            "null", "true", "-1", "0", "1e308", "-1e38", "1e-320", "9223372036854775807", "-9223372036854775808",
            "9223372036854775808", "1e999", "0.5", "\"\"", "\"all\"", "\"z\"", "[]", "{}", "[[1]]", "[1e38]",
            "{\"from\": -9223372036854775808, \"to\": 9223372036854775807}",
            "{\"tokens\": [-1, 9223372036854775807]}", "{\"decay\": 1e308}", "{\"first\": 9223372036854775807}",
        ]
        // A value stands behind a colon up to the comma or the line's end.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var (accepted, tried) = (0, 0)
        var random = SeededGenerator(seed: 3)
        for (index, line) in lines.enumerated() {
            guard let colon = line.range(of: " : ") else { continue }
            let value = line[colon.upperBound...]
            guard !value.hasSuffix("{"), !value.hasSuffix("[") else { continue }
            var changed = lines
            let new = absurd[Int.random(in: 0..<absurd.count, using: &random)]
            changed[index] = line[..<colon.upperBound] + new + (value.hasSuffix(",") ? "," : "")
            tried += 1
            let data = Data(changed.joined(separator: "\n").utf8)
            accepted += try isAccepted(data, directions, model, folder, run: true) ? 1 : 0
        }
        XCTAssertGreaterThan(tried, 80)
        XCTAssertGreaterThan(accepted, 8)
        XCTAssertLessThan(accepted, tried)
    }
}
