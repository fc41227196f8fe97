import Foundation
import XCTest
import _TestSupport

@testable import DataFiles

/// What is JSON and what isn't, and what is read from it.
final class JSONReaderTests: XCTestCase {
    /// What Python's reader, made strict, reads or refuses.
    func testAgainstPython() throws {
        let url = FixtureLocation.fixtures.appending(path: "json/reader-cases.json")
        let cases = try JSONDecoder().decode([[String?]].self, from: Data(contentsOf: url))
        var accepted = 0
        for row in cases {
            let data = try XCTUnwrap(Data(base64Encoded: XCTUnwrap(row[0])))
            let expected = try XCTUnwrap(row.last)
            let text = String(decoding: data, as: UTF8.self).debugDescription
            do {
                let value = try JSONValue(parsing: data, file: "f.json")
                XCTAssertEqual(canonical(value), expected, text)
                accepted += 1
            } catch let error as InputError {
                XCTAssertNil(expected, "\(text) is refused: \(error)")
                XCTAssertTrue(error.place.hasPrefix("f.json: line "), error.place)
            }
        }
        XCTAssertGreaterThan(accepted, 150, "of \(cases.count) cases")
        XCTAssertGreaterThan(cases.count - accepted, 500, "of \(cases.count) cases")
    }

    /// The form that the script beside the cases describes.
    private func canonical(_ value: JSONValue) -> String {
        func hex(_ text: String) -> String {
            "\"" + text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        switch value.content {
        case .null: return "n"
        case .bool(let value): return value ? "t" : "f"
        case .number(let number): return "#\(number.text)"
        case .string(let text): return hex(text)
        case .array(let elements): return "[\(elements.map(canonical).joined(separator: ","))]"
        case .object(let fields):
            return "{\(fields.map { "\(hex($0.name)):\(canonical($0.value))" }.joined(separator: ","))}"
        }
    }

    func testErrorsNameTheLineAndTheByte() {
        for (text, problem, place) in [
            ("{\n \"a\": 1,\n \"b\": x}", "`x` where a value should stand", "line 3, byte 17"),
            ("\u{FEFF}[1,\r\n2", "the text ends where `,` or `]` should follow", "line 2, byte 9"),
            ("{\"a\": 1,\n\"b\": {\n\"c\": 2,\n\"\\u0063\": 3\n}}", "the field `c` twice in an object", "line 4"),
            ("[\"\n\"]", "a control character in a string", "line 1, byte 2"),
            ("[\"\\ud800\"]", "half of a surrogate pair", "line 1, byte 8"),
            ("[1\n,2]\n\n3", "text after the end of the value", "line 4, byte 8"),
            ("\n1e400", "the number 1e400, which is too large", "line 2, byte 6"),
        ] {
            XCTAssertThrowsError(try JSONValue(parsing: Data(text.utf8), file: "f.json"), text) { error in
                let message = "\(error)"
                XCTAssertTrue(message.hasPrefix("invalid JSON: \(problem)"), message)
                XCTAssertTrue(message.contains("in f.json: \(place)"), "\(message)\nlacks: \(place)")
            }
        }
    }

    func testEveryValueHasItsLine() throws {
        let value = try JSONValue(
            parsing: Data("\n{\"a\":\n [1,\r\n  {\"b\": null},\n\n\"x\"], \"c\"\n:\ntrue}".utf8), file: "f")
        guard case .object(let fields) = value.content, case .array(let elements)? = fields["a"]?.content,
            case .object(let inner) = elements[1].content
        else { return XCTFail("\(value)") }
        XCTAssertEqual(value.line, 2)
        XCTAssertEqual(fields["a"]?.line, 3)
        XCTAssertEqual(elements.map(\.line), [3, 4, 6])
        XCTAssertEqual(inner["b"]?.line, 4)
        XCTAssertEqual(fields["c"]?.line, 8)
    }

    /// Row by row: only the wanted fields are kept, but all are checked.
    func testSomeFieldsOfAnObject() throws {
        func names(_ text: String) throws -> [String] {
            try Array(text.utf8).withUnsafeBufferPointer { bytes in
                var reader = JSONReader(bytes, range: 1..<bytes.count - 1, line: 5, file: "rows")
                let fields = try reader.fields(named: ["a", "b"])
                XCTAssertNil(reader.peek(), text)
                return fields.map { "\($0.name) on \($0.value.line)" }
            }
        }
        XCTAssertEqual(
            try names("<{\"x\": {\"a\": [1, {}, \"\\n\"]}, \"b\": 1,\n\"x\": 1e999, \"a\": {}} >"),
            ["b on 5", "a on 6"])
        XCTAssertEqual(try names("<{}>"), [])
        for (text, problem) in [
            ("<{\"a\": 1, \"a\": 2}>", "`a` twice"), ("<{\"x\": [1, 01]}>", "begins with 0"),
            ("<{\"x\": \"\\q\"}>", "unknown escape"), ("<{\"x\": tru}>", "`true`"), ("<{\"a\": 1>", "the text ends"),
            ("<[]>", "`[` where `{` should stand"), ("<{\"x\": {\"y\": 1 2}}>", "`,` or `}`"),
        ] {
            XCTAssertThrowsError(try names(text), text) { error in
                XCTAssertTrue("\(error)".contains(problem), "\(error)\nlacks: \(problem)")
                XCTAssertTrue("\(error)".contains("rows: line 5"), "\(error)")
            }
        }
    }

    /// Every part of a text, whatever its bytes: an error or a value, never a trap.
    /// As many combining marks as no text has: comparing such names takes time by the square of their number.
    func testRunsOfCombiningMarks() throws {
        func names(_ text: String) throws -> [String] {
            let json = #"{"\#(text)": 1, "b": 2}"#
            return try JSONObject(data: Data(json.utf8), place: "x.json").keys
        }
        let allowed = "a" + String(repeating: "\u{301}\u{327}", count: 500)
        XCTAssertEqual(try names(allowed).count, 2)
        for text in [allowed + "\u{301}", String(repeating: "\u{301}", count: 1_000_000)] {
            XCTAssertThrowsError(try names(text)) {
                XCTAssertTrue("\($0)".contains("more than 1000 combining marks in a row"), "\($0)")
            }
        }
        // Long runs of what isn't ASCII, and no marks.
        for text in [String(repeating: "漢", count: 5000), String(repeating: "가á", count: 5000)] {
            XCTAssertEqual(try names(text).count, 2)
        }
    }

    func testTruncatedTexts() throws {
        let text = Array(#"{"a\u00e9\ud83d\ude00é": [true, false, null, -1.5e-3, {"b": "\\"}], "c": []}"#.utf8)
        for start in text.indices {
            for end in start...text.count {
                let part = Data(text[start..<end])
                do {
                    _ = try JSONValue(parsing: part, file: "f")
                } catch { XCTAssertTrue(error is InputError, "\(error)") }
            }
        }
        XCTAssertNoThrow(try JSONValue(parsing: Data(text), file: "f"))
    }

    /// Large inputs of every shape take a time that grows with their size only.
    func testLargeTexts() throws {
        let many = 30_000
        let texts = [
            "names": "{\((0..<many).map { "\"é\($0)\":0" }.joined(separator: ","))}",
            "elements": "[\(String(repeating: "1,", count: many * 3))1]",
            "one string": "\"\(String(repeating: "a", count: many * 10))\"",
            "escapes": "\"\(String(repeating: "\\u00e9", count: many * 2))\"",
            "one number": "1.\(String(repeating: "1", count: many))",
            "lines": String(repeating: "\n", count: many * 10) + "1",
            "small objects": "[\(Array(repeating: "{\"a\":{}}", count: many).joined(separator: ","))]",
        ]
        for (name, text) in texts {
            let time = try ContinuousClock().measure { _ = try JSONValue(parsing: Data(text.utf8), file: "f") }
            XCTAssertLessThan(time, .seconds(3), name)
        }
    }
}
