import Foundation
import XCTest
import _TestSupport

final class SealCommandTests: ProgramTestCase {
    private static let key = fixture("sealing/key.hex")

    private func seal(_ model: String) throws -> String {
        let out = path("model.sealed")
        let result = try json("seal", model, "--key-file", Self.key, "--out", out)
        XCTAssertEqual(try result.string("out"), out)
        return out
    }

    /// Every command opens the sealed model, and its numbers are the original's.
    func testCommandsGiveTheSame() throws {
        let sealed = try seal(Self.planted)
        let commands: [[String]] = [
            ["inspect"], ["tokenize", "--text", "a b"], ["detokenize", "--ids", "1,2"], ["logits", "--ids", "1,2,3"],
            ["generate", "--ids", "1,2,3", "--max-tokens", "3"],
        ]
        for command in commands {
            let original = try json([command[0], Self.planted] + command.dropFirst())
            let result = try Program.run(
                [command[0], sealed] + command.dropFirst() + ["--key-file", Self.key, "--json"], in: folder)
            // The system may not allow the memory to be locked; nothing else may be said.
            XCTAssertTrue(result.error.isEmpty || result.error.contains("locked"), result.error)
            let opened = try result.json()
            func untimed(_ fields: [String: Any]) -> NSDictionary {
                fields.filter { !$0.key.hasSuffix("Seconds") && !$0.key.hasSuffix("PerSecond") } as NSDictionary
            }
            XCTAssertEqual(untimed(opened), untimed(original), command[0])
        }
    }

    func testAFolder() throws {
        let sealed = try seal(Self.fixture("tiny-llamas/grouped"))
        let result = try Program.run(
            ["inspect", sealed, "--json"], in: folder, variables: ["HEADSTEER_KEY_FILE": Self.key])
        XCTAssertEqual(
            try result.json().string("fingerprint"),
            try json("inspect", Self.fixture("tiny-llamas/grouped")).string("fingerprint"))
    }

    func testRefusals() throws {
        let sealed = try seal(Self.planted)
        try assertRefused(["inspect", sealed], 64, saying: "sealed", "--key-file", "HEADSTEER_KEY_FILE")
        try assertRefused(["inspect", sealed, "--key-file", path("none")], 66, saying: "none")
        try assertRefused(["inspect", sealed, "--key-file", write("short", "abc")], 65, saying: "no key", "3 bytes")
        let other = try write("other", String(repeating: "0a", count: 32))
        try assertRefused(["inspect", sealed, "--key-file", other], 65, saying: "another key")
        try assertRefused(["inspect", Self.planted, "--key-file", Self.key], 65, saying: "no sealed model")
        try assertRefused(["seal", Self.planted, "--out", path("s")], 64, saying: "no key")
        try assertRefused(["seal", sealed, "--key-file", Self.key, "--out", path("s")], 65, saying: "sealed already")
        try assertRefused(["seal", Self.planted, "--key-file", Self.key, "--out", Self.planted], 64, saying: "--out")
        try assertRefused(["seal", Self.planted, "--key-file", other, "--out", other], 64, saying: "--out")
        var bytes = try Data(contentsOf: URL(filePath: sealed))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: sealed))
        try assertRefused(["inspect", sealed, "--key-file", Self.key], 65, saying: "chunk")
    }
}
