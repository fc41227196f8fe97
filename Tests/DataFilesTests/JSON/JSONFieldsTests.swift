import XCTest

@testable import DataFiles

final class JSONFieldsTests: XCTestCase {
    /// With few fields and with many, which are found in different ways.
    func testOrderAndLookup() {
        for count in [0, 1, 7, 8, 9, 100] {
            var fields = JSONFields()
            let names = (0..<count).map { "name \($0 * 7 % 101)" }
            for (index, name) in names.enumerated() {
                XCTAssertTrue(fields.append(name, JSONValue(.bool(true), line: index)), name)
            }
            XCTAssertEqual(fields.map(\.name), names)
            for (index, name) in names.enumerated() {
                XCTAssertEqual(fields[name]?.line, index, "\(name) of \(count)")
                XCTAssertFalse(fields.append(name, JSONValue(.null, line: 0)), "\(name) twice among \(count)")
            }
            XCTAssertNil(fields["name"], "among \(count)")
            XCTAssertEqual(fields.count, count)
        }
    }

    func testNamesAreComparedByTheirBytes() {
        // The first two and the last two are equal as strings; those of the last two have equally many bytes.
        let names = ["é", "e\u{301}", "a\u{301}\u{323}", "a\u{323}\u{301}"]
        XCTAssertEqual(names[0], names[1])
        XCTAssertEqual(names[2], names[3])
        for others in [0, 20] {
            var fields = JSONFields()
            for other in 0..<others { XCTAssertTrue(fields.append("\(other)", JSONValue(.null, line: 0))) }
            for (index, name) in names.enumerated() {
                XCTAssertTrue(fields.append(name, JSONValue(.null, line: index)), "\(name.unicodeScalars)")
            }
            for (index, name) in names.enumerated() { XCTAssertEqual(fields[name]?.line, index) }
            XCTAssertNil(fields["E\u{301}"])
        }
    }
}
