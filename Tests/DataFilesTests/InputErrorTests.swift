import DataFiles
import XCTest

final class InputErrorTests: XCTestCase {
    func testDescription() {
        XCTAssertEqual(
            "\(InputError(.badData, "no field layer", in: "plan.json: edits[2]", remedy: "add the field"))",
            "no field layer in plan.json: edits[2]; add the field")
        XCTAssertEqual("\(InputError.usage("no site named x", remedy: "try y"))", "no site named x; try y")
        XCTAssertEqual("\(InputError.missingFile("a.gguf"))", "no readable file in a.gguf; check the path")
    }

    /// A file can give its tensors any names.
    func testHostileNamesStayOneLine() {
        for separator in ["\n", "\r\n", "\r", "\u{2028}", "\u{85}", "\u{1B}[2J", "\0"] {
            let text =
                "\(InputError.badData("the tensor a\(separator)b", in: "x\(separator)y", remedy: "z\(separator)"))"
            let scalars = text.unicodeScalars.filter {
                $0.properties.generalCategory == .control || $0.properties.generalCategory == .lineSeparator
            }
            XCTAssertEqual(scalars.map(\.value), [], "control characters left of \(separator.debugDescription)")
        }
        let long =
            "\(InputError.badData(String(repeating: "n", count: 1_000_000), in: "file", remedy: "fetch it again"))"
        XCTAssertLessThan(long.count, 2000)
        XCTAssertTrue(long.hasSuffix("in file; fetch it again"), String(long.suffix(60)))
    }
}
