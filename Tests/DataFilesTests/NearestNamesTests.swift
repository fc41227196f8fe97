import DataFiles
import XCTest

final class NearestNamesTests: XCTestCase {
    func testNearest() {
        let names = ["run", "chat", "generate", "evaluate"]
        XCTAssertEqual(NearestNames.find("generat", among: names), ["generate"])
        XCTAssertEqual(NearestNames.find("cat", among: names), ["chat"])
        XCTAssertEqual(
            NearestNames.find("kitten", among: ["mitten", "sitting", "written", "k"], count: 3),
            ["mitten", "written", "sitting"])
        XCTAssertEqual(NearestNames.find("x", among: ["a", "b", "c"], count: 2), ["a", "b"], "ties keep their order")
        XCTAssertEqual(NearestNames.find("x", among: []), [])
        XCTAssertEqual(NearestNames.find("", among: ["abc", "a"]), ["a"])
        XCTAssertEqual(NearestNames.find(String(repeating: "z", count: 100_000), among: names).count, 1)
    }
}
