import Checkpoints
import Foundation
import XCTest
import _TestSupport

/// What is wrong is said in one line with the right status, and nothing is left behind.
final class RefusalTests: ProgramTestCase {
    func testWrongUsage() throws {
        for arguments in [
            ["logits"], ["nonsense"], ["inspect", Self.planted, "--jsn"], ["logits", Self.planted],
            ["logits", Self.planted, "--prompt", "a", "--ids", "1"], ["logits", Self.planted, "--ids", "1,x"],
            ["logits", Self.planted, "--ids", ""], ["logits", Self.planted, "--prompt", "a", "--threads", "0"],
            ["logits", Self.planted, "--prompt", "a", "--allow-other-model"],
            ["generate", Self.planted, "--prompt", "a", "--temperature", "-1"],
            ["generate", Self.planted, "--prompt", "a", "--temperature", "warm"],
            ["generate", Self.planted, "--prompt", "a", "--temperature", "nan"],
            ["generate", Self.planted, "--prompt", "a", "--top-p", "0"],
            ["generate", Self.planted, "--prompt", "a", "--top-p", "1.5"],
            ["generate", Self.planted, "--prompt", "a", "--top-k", "-3"],
            ["generate", Self.planted, "--prompt", "a", "--max-tokens", "-1"],
            ["generate", Self.planted, "--prompt", "a", "--seed", "-1"],
            ["generate", Self.planted, "--prompt", "a", "--system", "b"], ["generate", Self.planted],
            ["tokenize", Self.planted], ["tokenize", Self.planted, "--text", "a", "--batch", "b.json"],
            ["detokenize", Self.planted], ["score", Self.planted, "--prompt", "a", "--completion", ""],
            ["probe", Self.planted], ["probe", Self.planted, "--data", "d", "--folds", "1"],
            ["probe", Self.planted, "--data", "d", "--estimator", "guess"],
            ["sweep", Self.planted, "--data", "d", "--directions", "d", "--unit", "miles"],
            ["search", Self.planted, "--data", "d", "--out", "o", "--heads", "0"],
            ["bench", Self.planted, "--batch", "0"],
        ] {
            try assertRefused(arguments, 64)
        }
        try assertRefused(["serch", Self.planted], 64, saying: "no command serch", "did you mean search")
    }

    func testMissingFiles() throws {
        let mood = Self.fixture("planted/mood.jsonl")
        for arguments in [
            ["inspect", "none.gguf"], ["tokenize", "none.gguf", "--text", "a"],
            ["tokenize", Self.planted, "--batch", "none.json"], ["chat", Self.planted, "--messages", "none.json"],
            ["logits", Self.planted, "--prompt", "a", "--plan", "none.json"],
            ["collect", Self.planted, "--data", "none.jsonl", "--out", "z.safetensors"],
            ["probe", Self.planted, "--activations", "none.safetensors"],
            ["sweep", Self.planted, "--data", mood, "--directions", "none.safetensors"],
            ["quickstart", "--model", "none.gguf"],
            // Outputs are checked before the work.
            ["logits", Self.planted, "--prompt", "a", "--out", "none/logits.safetensors"],
            ["collect", Self.planted, "--data", mood, "--out", "none/z.safetensors"],
            ["probe", Self.planted, "--data", mood, "--out", "none/d.safetensors"],
            ["search", Self.planted, "--data", mood, "--out", "/dev/null/run"],
        ] {
            try assertRefused(arguments, 66)
        }
    }

    func testBrokenModels() throws {
        let whole = try Data(contentsOf: URL(filePath: Self.planted))
        for (name, data) in [
            ("empty.gguf", Data()), ("header.gguf", whole.prefix(20)), ("half.gguf", whole.prefix(whole.count / 2)),
            ("short.gguf", whole.dropLast(1)), ("noise.gguf", Data(repeating: 0x5A, count: 4000)),
        ] {
            try data.write(to: folder.appending(path: name))
            try assertRefused(["inspect", path(name)], 65, saying: name)
            try assertRefused(["generate", path(name), "--prompt", "a"], 65, saying: name)
        }
        try FileManager.default.createDirectory(
            at: folder.appending(path: "folder"), withIntermediateDirectories: true)
        try assertRefused(["inspect", path("folder")], 66, saying: "config.json")
        try Data("{".utf8).write(to: folder.appending(path: "folder/config.json"))
        try Data(contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped/model.safetensors"))
            .write(to: folder.appending(path: "folder/model.safetensors"))
        try assertRefused(["inspect", path("folder")], 65, saying: "config.json")
    }

    func testWeightsThatAreNoNumbers() throws {
        var data = try Data(contentsOf: URL(filePath: Self.planted))
        let tensor = try XCTUnwrap(
            GGUFFile(contentsOf: URL(filePath: Self.planted)).tensors.first { $0.name == "blk.3.attn_v.weight" })
        for byte in tensor.range { data[byte] = 0xFF }
        try data.write(to: folder.appending(path: "nan.gguf"))
        let broken = path("nan.gguf")
        let mood = Self.fixture("planted/mood.jsonl")
        for arguments in [
            ["logits", broken, "--ids", "1,358", "--json"],
            ["logits", broken, "--ids", "1,358", "--out", path("logits.safetensors")],
            ["score", broken, "--prompt", "My day", "--completion", " was"],
            ["collect", broken, "--data", mood, "--out", path("z.safetensors")],
            ["probe", broken, "--data", mood, "--out", path("d.safetensors")],
            ["search", broken, "--data", mood, "--out", path("run")],
        ] {
            try assertRefused(arguments, 65, saying: "check the model's weights")
        }
    }

    func testBrokenJSON() throws {
        let broken = try write("broken.json", #"{"format": "headsteer.plan/1", "edits": ["#)
        try assertRefused(["logits", Self.planted, "--prompt", "a", "--plan", broken], 65, saying: "broken.json")
        try assertRefused(["tokenize", Self.planted, "--batch", broken], 65, saying: "broken.json")
        try assertRefused(["chat", Self.planted, "--messages", broken], 65, saying: "broken.json")
        let numbers = try write("numbers.json", "[1, 2]")
        try assertRefused(["tokenize", Self.planted, "--batch", numbers], 65, saying: "[0]")
        let rows = try write("rows.jsonl", #"{"text": "a", "label": true}"# + "\n" + #"{"text": "b"}"# + "\n")
        try assertRefused(
            ["collect", Self.planted, "--data", rows, "--out", path("z.safetensors")], 65, saying: "line 2", "label")
        let oneSided = try write("one.jsonl", #"{"text": "a", "label": true}"# + "\n")
        try assertRefused(["probe", Self.planted, "--data", oneSided, "--out", path("d.safetensors")], 65)
        try assertRefused(["search", Self.planted, "--data", oneSided, "--out", path("run")], 65)
    }

    func testPlansThatDoNotFit() throws {
        func refuse(_ name: String, _ edits: String, model: String = "", saying word: String) throws {
            let plan = try write(name, #"{"format": "headsteer.plan/1", \#(model)"edits": [\#(edits)]}"#)
            try assertRefused(["generate", Self.planted, "--prompt", "a", "--plan", plan], 65, saying: name, word)
        }
        try refuse("head.json", #"{"layer": 2, "head": 4, "operation": "zero", "positions": "all"}"#, saying: "2.4")
        try refuse(
            "layer.json", #"{"layer": 6, "head": 0, "operation": "zero", "positions": "all"}"#, saying: "layer 6")
        try refuse(
            "negative.json", #"{"layer": -1, "head": 0, "operation": "zero", "positions": "all"}"#, saying: "layer -1")
        try refuse(
            "operation.json", #"{"layer": 0, "head": 0, "operation": "ad", "strength": 1, "positions": "all"}"#,
            saying: "add")
        try refuse(
            "size.json",
            #"{"layer": 0, "head": 0, "operation": "add", "strength": 1, "direction": [1, 2], "positions": "all"}"#,
            saying: "2 values")
        let zeros = String(repeating: "0", count: 64)
        try refuse(
            "model.json", "",
            model:
                #""model": {"fingerprint": "sha256:\#(zeros)", "architecture": "llama", "layers": 6, "heads": 4, "headSize": 16}, "#,
            saying: "--allow-other-model")
        let other = try json(
            "generate", Self.planted, "--ids", "1", "--max-tokens", "1", "--plan", path("model.json"),
            "--allow-other-model")
        XCTAssertEqual(try other.integers("ids").count, 1)
        try refuse(
            "shape.json", "",
            model:
                #""model": {"fingerprint": "sha256:\#(zeros)", "architecture": "llama", "layers": 7, "heads": 4, "headSize": 16}, "#,
            saying: "layers")
    }

    func testPromptsPastTheContext() throws {
        let text = String(repeating: "day ", count: 600)
        for arguments in [
            ["logits", Self.planted, "--prompt", text], ["generate", Self.planted, "--prompt", text],
            ["score", Self.planted, "--prompt", text, "--completion", " was"],
            ["logits", Self.planted, "--prompt", text, "--out", path("logits.safetensors")],
            ["bench", Self.planted, "--prompt-tokens", "600"],
        ] {
            try assertRefused(arguments, 65, saying: "512")
        }
        try assertRefused(["logits", Self.planted, "--ids", "1,1026"], 65, saying: "1026")
        try assertRefused(["logits", Self.planted, "--ids", "-1"], 65, saying: "-1")
    }

    func testInterruption() throws {
        let result = try Program.run(
            ["bench", Self.planted, "--batch", "128", "--prompt-tokens", "400", "--generate-tokens", "110", "--json"],
            in: folder, interruptAfter: 1)
        XCTAssertEqual(result.status, 130, result.error)
        XCTAssertEqual(result.output, "")
        XCTAssertEqual(result.error.filter(\.isNewline).count, 1, result.error)
        XCTAssertTrue(result.error.hasPrefix("error: interrupted"), result.error)
    }

    func testAnExistingOutputSurvivesAFailure() throws {
        let out = try write("logits.safetensors", "mine")
        let result = try Program.run(["logits", Self.planted, "--ids", "1,1026", "--out", out], in: folder)
        XCTAssertEqual(result.status, 65)
        XCTAssertEqual(try String(contentsOf: URL(filePath: out), encoding: .utf8), "mine")
        XCTAssertEqual(try names(), ["logits.safetensors"])
    }
}
