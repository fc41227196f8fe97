import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Sealing

final class KeyTests: SealingTestCase {
    private func key(_ bytes: some Sequence<UInt8>) throws -> SealingKey {
        try SealingKey(contentsOf: file("key", bytes).url)
    }

    func testForms() throws {
        let digits = (0..<32).map { String(format: "%02x", $0) }.joined()
        let forms: [[UInt8]] = [
            Array(0..<32), Array(digits.utf8), Array((digits + "\n").utf8), Array((digits.uppercased() + "\r\n").utf8),
        ]
        for form in forms {
            XCTAssertNoThrow(
                try SealedModel(MappedFile(contentsOf: Self.reference), key: key(form)), "a key of \(form.count) bytes")
        }
    }

    func testOtherSizesAndDigitsAreRefused() throws {
        let digits = String(repeating: "a", count: 64)
        for text in [
            "", "a", String(digits.dropLast()), digits + "a", digits + "\n\n", "\n" + digits, digits.dropLast() + "g",
            digits + digits,
        ] {
            XCTAssertThrowsError(try key(text.utf8), "\(text.count) characters") { error in
                XCTAssertEqual((error as? InputError)?.kind, .unreadable, "\(error)")
            }
        }
        XCTAssertThrowsError(try key((0..<33).map { UInt8($0) }))
        XCTAssertThrowsError(try SealingKey(contentsOf: folder.appending(path: "none"))) { error in
            XCTAssertEqual((error as? InputError)?.kind, .missingFile, "\(error)")
        }
    }

    func testAnotherKeyIsToldFromATamperedFile() throws {
        let other = try key(repeatElement(7, count: 32))
        XCTAssertThrowsError(try SealedModel(MappedFile(contentsOf: Self.reference), key: other)) { error in
            XCTAssertTrue("\(error)".contains("another key"), "\(error)")
        }
    }
}
