import Foundation
import Transformer
import XCTest

@testable import Viewing

final class ViewContentsTests: XCTestCase {
    func testPackedNumbersAreWithinAStepOfTheirOriginals() throws {
        let rows: [[Double]] = [[0.5, -1.25, 3], [0, 0], [1e-12, -2e-12], [5e9, -1]]
        let (wide, wideScales) = PackedNumbers.wide(rows)
        let (narrow, narrowScales) = PackedNumbers.narrow(rows)
        let wideBytes = [UInt8](try XCTUnwrap(Data(base64Encoded: wide)))
        let narrowBytes = [UInt8](try XCTUnwrap(Data(base64Encoded: narrow)))
        XCTAssertEqual(wideBytes.count, 2 * rows.joined().count)
        XCTAssertEqual(narrowBytes.count, rows.joined().count)
        var index = 0
        for (number, row) in rows.enumerated() {
            for value in row {
                let sixteen = Int16(bitPattern: UInt16(wideBytes[2 * index]) | UInt16(wideBytes[2 * index + 1]) << 8)
                let eight = Int8(bitPattern: narrowBytes[index])
                let (largeStep, smallStep) = (narrowScales[number], wideScales[number])
                XCTAssertEqual(
                    Double(sixteen) * smallStep, value, accuracy: 0.51 * smallStep, "row \(number), \(value)")
                XCTAssertEqual(Double(eight) * largeStep, value, accuracy: 0.51 * largeStep, "row \(number), \(value)")
                index += 1
            }
            let largest = row.map(abs).max() ?? 0
            if largest > 0 {
                XCTAssertEqual(wideScales[number] * 32767, largest, accuracy: largest * 1e-4, "no digit is wasted")
            }
        }
        XCTAssertEqual([UInt8](try XCTUnwrap(Data(base64Encoded: PackedNumbers.shares([0, 0.5, 1])))), [0, 128, 255])
    }

    func testHighestAndLowestTextsArePicked() {
        XCTAssertEqual(TokenProjections.picks([3, 1, 2, 5, 4], each: 2), [3, 4, 2, 1])
        XCTAssertEqual(TokenProjections.picks([1, 1, 1, 1], each: 1), [0, 3], "ties in the order of the texts")
        XCTAssertEqual(TokenProjections.picks([2, 1, 3], each: 5), [2, 1], "none is both highest and lowest")
    }

    func testAPageHoldsItsContentsAndNothingThatABrowserTakesForMarkup() throws {
        let contents = SamplePage.contents()
        let page = try contents.html()
        let start = try XCTUnwrap(page.firstRange(of: #"<script type="application/json" id="data">"#))
        let rest = page[start.upperBound...]
        let json = rest[..<(try XCTUnwrap(rest.firstRange(of: "</script>")).lowerBound)]
        XCTAssertFalse(json.contains("<"))
        let data = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        XCTAssertEqual((data["pieces"] as? [String])?.contains(SamplePage.hostile), true, "unchanged where it is read")
        XCTAssertEqual(data["layers"] as? Int, 4)
        let columns = try XCTUnwrap(data["columns"] as? [[String: Any]])
        XCTAssertEqual(columns.map { $0["key"] as? String }, ["search/effect", "search/q", "probes/auroc"])
        XCTAssertTrue((columns[2]["values"] as? [Any])?.first is NSNull, "what wasn't measured is null")
        XCTAssertTrue(page.contains("A run &amp; its heads"))
        // What a model wrote is in the JSON alone, which is no markup.
        let own = page.replacing(json, with: "")
        for address in ["http://", "https://", "src=", "href=\"h", "url(", "@import"] {
            let isSVGName = address == "http://"
            let found = own.components(separatedBy: address).count - 1
            XCTAssertEqual(found, isSVGName ? 1 : 0, "\(address): a page asks nobody for anything")
        }
    }

    func testTheSameContentsGiveTheSameBytes() throws {
        XCTAssertEqual(try SamplePage.contents().html(), try SamplePage.contents().html())
    }

    func testStrengthsAreNamed() {
        XCTAssertEqual(StrengthName.text(8, unit: "sigma"), "+8 σ")
        XCTAssertEqual(StrengthName.text(-0.5, unit: "raw"), "−0.5")
        XCTAssertEqual(StrengthName.text(12.83591, unit: "residual-norm"), "+12.8 residual-norm")
        XCTAssertEqual(StrengthName.text(0, unit: "sigma"), "none")
    }
}
