import DataFiles
import Foundation
import Monitoring
import Transformer
import XCTest

@testable import Guarding

final class GuardPlanTests: XCTestCase {
    private func read(_ text: String) throws -> GuardPlan {
        try GuardPlan(JSONObject(data: Data(text.utf8), place: "guard.json"))
    }

    func testEveryFieldIsRead() throws {
        let plan = try read(
            """
            {"format": "headsteer.guard/1",
             "input": [{"phrases": "words.txt", "name": "w"}, {"command": ["python3", "judge.py"], "limit": 1.5, "timeout": 5}],
             "activations": {"monitor": "m.safetensors", "response": "steer-back"},
             "output": [{"probes": "p.safetensors", "heads": ["21.0", "3.1"], "limit": 4}], "log": "log.jsonl"}
            """)
        XCTAssertEqual(
            plan,
            GuardPlan(
                input: [
                    .init(.phrases("words.txt"), name: "w"),
                    .init(.command(["python3", "judge.py"], timeout: 5), limit: 1.5),
                ], activations: .init(monitor: "m.safetensors", response: .steerBack),
                output: [
                    .init(
                        .probes("p.safetensors", heads: [Head(layer: 21, index: 0), Head(layer: 3, index: 1)]), limit: 4
                    )
                ], log: "log.jsonl"))
        XCTAssertEqual(
            try read(#"{"format": "headsteer.guard/1", "activations": {"monitor": "m"}}"#).activations?.response, .log)
    }

    func testWhatIsWrongIsNamed() {
        func body(_ text: String) -> String { "{\"format\": \"headsteer.guard/1\", \(text)}" }
        for (text, words) in [
            ("{}", "no field format"), (#"{"format": "headsteer.guard/2"}"#, "this version reads"),
            (#"{"format": "headsteer.guard/1"}"#, "checks nothing"), (body(#""inputs": []"#), "did you mean input"),
            (body(#""input": [{}]"#), "without phrases"),
            (body(#""input": [{"phrases": "a", "command": ["b"]}]"#), "phrases and command"),
            (body(#""input": [{"phrases": "a", "limit": 1}]"#), "unknown field limit"),
            (body(#""input": [{"command": []}]"#), "command"),
            (body(#""input": [{"command": ["a"], "limit": 6}]"#), "0 to 5"),
            (body(#""input": [{"command": ["a"], "timeout": 1e300}]"#), "a day"),
            (body(#""input": [{"command": ["a"], "timeout": 0}]"#), "timeout"),
            (body(#""output": [{"probes": "p"}]"#), "no field heads"),
            (body(#""output": [{"probes": "p", "heads": ["x"]}]"#), "L.H"),
            (body(#""activations": {"monitor": "m", "response": "panic"}"#), "one of log, stop, steer-back"),
            (body(#""activations": {}"#), "no field monitor"),
        ] {
            XCTAssertThrowsError(try read(text), text) { error in
                XCTAssertTrue(error is InputError && "\(error)".contains(words), "\(text): \(error) without \(words)")
            }
        }
    }
}
