import Foundation
import XCTest
import _TestSupport

/// No output takes the place of a file that the same command reads, whatever the command, the path and the kind of link.
final class OutputsApartTests: ProgramTestCase {
    /// Runs a command that must be refused, and makes sure that every file of the test's folder is what it was.
    private func assertKept(
        _ arguments: [String], replacing name: String, file: StaticString = #filePath, line: UInt = #line
    ) throws {
        let before = try contents()
        try assertRefused(arguments, 64, saying: "would replace", name, file: file, line: line)
        XCTAssertEqual(try contents(), before, "\(arguments) changed a file", file: file, line: line)
    }

    private func contents() throws -> [String: Data] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
        return Dictionary(
            uniqueKeysWithValues: names.compactMap { name in
                FileManager.default.contents(atPath: path(name)).map { (name, $0) }
            })
    }

    private func copy(_ fixture: String, _ name: String) throws -> String {
        try FileManager.default.copyItem(atPath: Self.fixture(fixture), toPath: path(name))
        return path(name)
    }

    func testFiles() throws {
        let model = try copy("tiny-llamas/grouped.gguf", "m.gguf")
        let data = try copy("planted/mood.jsonl", "d.jsonl")
        let array = try copy("interchange/honest-llama/com_directions.npy", "a.npy")
        try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: data)
        try FileManager.default.linkItem(atPath: data, toPath: path("other-name"))
        for out in [data, "d.jsonl", "./d.jsonl", path("link"), path("other-name")] {
            try assertKept(["collect", model, "--data", data, "--out", out], replacing: "d.jsonl")
        }
        try assertKept(["collect", model, "--data=\(path("link"))", "--out=d.jsonl"], replacing: "link")
        try assertKept(["logits", model, "--ids", "1,2", "--out", model], replacing: "m.gguf")
        for option in ["--out", "--svg", "--csv", "--show-svg"] {
            try assertKept(["probe", model, "--data", data, "--show", "0.0", option, data], replacing: "d.jsonl")
        }
        try assertKept(
            ["convert", model, "--from", "honest-llama", "--directions", array, "--out", array], replacing: "a.npy")
        try assertKept(["monitor", "fit", model, "--clean", data, "--out", data], replacing: "d.jsonl")
        let plan = try write("plan.json", #"{"format": "headsteer.plan/1", "edits": []}"#)
        try assertKept(["bake", model, "--plan", plan, "--out", model], replacing: "m.gguf")
        try assertKept(["bake", model, "--plan", plan, "--out", plan], replacing: "plan.json")
        try assertKept(["plan", "combine", "mood=\(plan)", "--out", path("")], replacing: "plan.json")
    }

    /// Files that another file names: a plan's directions, a study's data, the other parts of a model.
    func testFilesThatAreNamedInOthers() throws {
        let model = try copy("tiny-llamas/grouped.gguf", "m.gguf")
        let directions = try copy("interchange/baking/grouped.directions.safetensors", "grouped.directions.safetensors")
        let plan = try copy("interchange/baking/grouped.plan.json", "p.json")
        try assertKept(
            ["logits", model, "--ids", "1,2", "--plan", plan, "--out", directions],
            replacing: "grouped.directions.safetensors")
        _ = try write("report.json", "{}")
        try assertKept(
            ["evaluate", model, "--plan", plan, "--data", Self.fixture("planted/mood.jsonl"), "--report", path("")],
            replacing: "report.json")
        let study = try copy("planted/study.json", "study.json")
        _ = try copy("planted/mood.jsonl", "mood.jsonl")
        try FileManager.default.createDirectory(atPath: path("out"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: path("out/report.json"), withDestinationPath: path("mood.jsonl"))
        try assertKept(["study", Self.planted, study, "--out", path("out")], replacing: "mood.jsonl")
        for part in 1...3 {
            let name = "split-0000\(part)-of-00003.gguf"
            _ = try copy("gguf-writer/\(name)", name)
        }
        try assertKept(
            ["logits", path("split-00001-of-00003.gguf"), "--ids", "1", "--out", path("split-00002-of-00003.gguf")],
            replacing: "split-00002-of-00003.gguf")
    }

    /// Of folders, the files that are read; results may lie in a model's folder, and be written again.
    func testFolders() throws {
        let model = try copy("families/qwen2", "model")
        let data = try copy("planted/mood.jsonl", "d.jsonl")
        for name in ["config.json", "model.safetensors"] {
            try assertKept(
                ["logits", model, "--ids", "1,2", "--out", "\(model)/\(name)"], replacing: "model/\(name)")
        }
        for _ in 0..<2 {
            let result = try Program.run(["logits", model, "--ids", "1,2", "--out", "\(model)/logits.safetensors"])
            XCTAssertEqual(result.status, 0, result.error)
        }
        try FileManager.default.linkItem(atPath: data, toPath: path("model/report.html"))
        try assertKept(["compare", model, model, "--data", data, "--out", model], replacing: "d.jsonl")
    }

    /// Files that aren't outputs' places don't matter, nor does a text that is a path.
    func testOtherFiles() throws {
        let model = try copy("tiny-llamas/grouped.gguf", "m.gguf")
        let result = try Program.run(
            ["logits", model, "--ids", "1,2", "--out", path("l.safetensors")], in: folder)
        XCTAssertEqual(result.status, 0, result.error)
        let again = try Program.run(["logits", model, "--ids", "1,2", "--out", path("l.safetensors")], in: folder)
        XCTAssertEqual(again.status, 0, again.error)
    }
}
