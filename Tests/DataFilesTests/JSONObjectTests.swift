import DataFiles
import Foundation
import XCTest
import _TestSupport

final class JSONObjectTests: XCTestCase {
    private func object(_ text: String) throws -> JSONObject { try JSONObject(data: Data(text.utf8), place: "f.json") }

    private func check(
        _ pattern: String, line: UInt = #line, _ body: () throws -> Void
    ) {
        XCTAssertThrowsError(try body(), line: line) { error in
            XCTAssertEqual((error as? InputError)?.kind.general, .badData, "\(error)", line: line)
            XCTAssertTrue("\(error)".contains(pattern), "\(error) should say \(pattern)", line: line)
            XCTAssertTrue("\(error)".contains("f.json"), "\(error) should name the file", line: line)
        }
    }

    func testFieldsOfEachType() throws {
        let json = try object(
            #"{"s": "ä", "t": true, "f": false, "i": -3, "w": 2.0, "d": 0.5, "o": {"x": 1}, "a": [1, 2.5], "n": null,"#
                + #""os": [{"k": 1}, {"k": 2}], "ss": ["a", ""], "is": [1, -2], "e": [], "zero": 0, "one": 1}"#)
        XCTAssertEqual(try json.string("s"), "ä")
        XCTAssertEqual(try json.bool("t"), true)
        XCTAssertEqual(try json.bool("f"), false)
        XCTAssertEqual(try json.integer("i"), -3)
        XCTAssertEqual(try json.integer("w"), 2)
        XCTAssertEqual(try json.double("d"), 0.5)
        XCTAssertEqual(try json.double("i"), -3)
        XCTAssertEqual(try json.object("o")?.integer("x"), 1)
        XCTAssertEqual(try json.doubles("a"), [1, 2.5])
        XCTAssertEqual(try json.objects("os")?.map { try $0.integer("k") }, [1, 2])
        XCTAssertEqual(try json.strings("ss"), ["a", ""])
        XCTAssertEqual(try json.integers("is"), [1, -2])
        XCTAssertEqual(try json.integers("e"), [])
        XCTAssertEqual(try json.integer("zero"), 0)
        XCTAssertEqual(try json.integer("one"), 1)
        for absent in ["n", "missing"] {
            XCTAssertNil(try json.string(absent))
            XCTAssertNil(try json.integer(absent))
            XCTAssertNil(try json.object(absent))
            XCTAssertFalse(json.has(absent))
        }
        XCTAssertTrue(json.has("f"))
        XCTAssertTrue(json.isString("s"))
        XCTAssertFalse(json.isString("i"))
        XCTAssertTrue(json.isArray("a"))
    }

    func testWrongTypesNameTheField() throws {
        let json = try object(
            #"{"s": "x", "t": true, "d": 0.5, "a": [1, true], "h": 1e300, "m": ["a", 1], "o": {"p": {"q": 3}},"#
                + #""os": [{"k": "v"}, {"k": 4}], "fs": [1, 2.5]}"#)
        check("s is not a whole number") { _ = try json.integer("s") }
        check("t is not a whole number") { _ = try json.integer("t") }
        check("d is not a whole number") { _ = try json.integer("d") }
        check("h is not a whole number") { _ = try json.integer("h") }
        check("t is not a number") { _ = try json.double("t") }
        check("d is not true or false") { _ = try json.bool("d") }
        check("s is not an object") { _ = try json.object("s") }
        check("a is not an array of numbers") { _ = try json.doubles("a") }
        check("fs is not an array of whole numbers") { _ = try json.integers("fs") }
        check("m is not an array of strings") { _ = try json.strings("m") }
        check("m is not an array of objects") { _ = try json.objects("m") }
        check("q is not a string in f.json: o: p") { _ = try json.object("o")?.object("p")?.string("q") }
        check("os[1]") { _ = try json.objects("os")?.map { try $0.string("k") } }
        XCTAssertEqual("\(json.missing("z"))", "no field z in f.json; add the field")
    }

    func testNumbersAreNotTruthValues() throws {
        let json = try object(#"{"zero": 0, "one": 1, "list": [0, 1]}"#)
        check("one is not true or false") { _ = try json.bool("one") }
        check("zero is not true or false") { _ = try json.bool("zero") }
        XCTAssertEqual(try json.integers("list"), [0, 1])
    }

    func testWhatIsNoJSONObject() {
        for text in ["", " ", "{", "[]", "3", "\"x\"", "null", "{\"a\": }", "{\"a\": 1", "\u{0}", "{'a': 1}"] {
            check("JSON") { _ = try object(text) }
        }
        check("JSON") { _ = try JSONObject(data: Data([0x7B, 0xFF, 0xFE, 0x7D]), place: "f.json") }
    }

    /// Neither depth nor digits may crash.
    func testHostileJSON() {
        for text in [
            String(repeating: "[", count: 1_000_000), String(repeating: "{\"a\":", count: 200_000),
            "{\"a\":" + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + "}",
        ] {
            check("JSON") { _ = try object(text) }
        }
        check("JSON") { _ = try object("{\"a\": 1e99999}").double("a") ?? { throw wrong }() }
        if let json = try? object("{\"a\": 123456789012345678901234567890}") {
            check("a is not a whole number") { _ = try json.integer("a") }
        }
    }

    func testWholeNumbersAreExact() throws {
        let json = try object(#"{"a": 9007199254740993, "b": [9007199254740993, 2.0], "c": [1, 9223372036854775808]}"#)
        XCTAssertEqual(try json.integer("a"), 9_007_199_254_740_993)
        XCTAssertEqual(try json.integers("b"), [9_007_199_254_740_993, 2])
        check("c is not an array of whole numbers") { _ = try json.integers("c") }
    }

    func testFieldsThatAreThereTwice() {
        check("the field `a` twice") { _ = try object(#"{"a": 1, "b": 2, "a": 1}"#) }
        check("the field `k` twice") { _ = try object(#"{"a": [{"k": 1, "\u006b": 2}]}"#) }
    }

    func testErrorsNameTheLine() throws {
        let json = try object("{\"a\": 1,\n \"b\": {\n  \"c\": [\n{}, {\"d\":\n\"x\"}]}}")
        let inner = try XCTUnwrap(json.object("b")?.objects("c"))
        XCTAssertEqual([json.line] + inner.map(\.line), [1, 4, 4])
        check("b is not a string in f.json, line 2") { _ = try json.string("b") }
        check("d is not a number in f.json: b: c[1], line 5") { _ = try inner[1].double("d") }
        XCTAssertEqual("\(inner[1].missing("e"))", "no field e in f.json: b: c[1], line 4; add the field")
        check("f.json: line 4, byte 26") { _ = try object("{\"a\": 1,\n \"b\": {\n  \"c\": [\n}") }
    }

    private var wrong: InputError { .badData("JSON without a number", in: "f.json", remedy: "") }

    func testFiles() throws {
        let folder = try makeTemporaryFolder()
        XCTAssertThrowsError(try JSONObject(contentsOf: folder.appending(path: "none.json"))) { error in
            XCTAssertEqual((error as? InputError)?.kind.general, .missingFile, "\(error)")
            XCTAssertTrue("\(error)".contains("none.json"), "\(error)")
        }
        let url = folder.appending(path: "with mark.json")
        try Data("\u{FEFF}{\"a\": 1}".utf8).write(to: url)
        XCTAssertEqual(try JSONObject(contentsOf: url).integer("a"), 1, "a byte order mark")
    }
}
