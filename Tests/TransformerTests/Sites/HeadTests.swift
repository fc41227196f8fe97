import Foundation
import Transformer
import XCTest

final class HeadTests: XCTestCase {
    func testReadsWhatItPrints() {
        for head in [Head(layer: 0, index: 0), Head(layer: 12, index: 8), Head(layer: 8, index: 120)] {
            XCTAssertEqual(Head("\(head)"), head)
        }
        XCTAssertEqual("\(Head(layer: 12, index: 8))", "12.8")
        for text in [
            "", "12", "12.", ".8", "12.8.1", "12.-8", "-1.2", "012.8", "12.08", "+1.2", " 1.2", "1,2", "٣.٤", "1.a",
        ] {
            XCTAssertNil(Head(text), text)
        }
    }

    func testOrderIsByLayer() {
        let heads = [Head(layer: 2, index: 0), Head(layer: 0, index: 11), Head(layer: 0, index: 2)]
        XCTAssertEqual(heads.sorted().map(\.description), ["0.2", "0.11", "2.0"])
        XCTAssertEqual(Head.all(layers: 2, heads: 3).map(\.description), ["0.0", "0.1", "0.2", "1.0", "1.1", "1.2"])
    }

    private struct Finding: Codable, Equatable {
        var effect: Double
        var note: String?
    }

    func testResultsAreFlatInJSON() throws {
        let result = HeadResult(Head(layer: 12, index: 8), Finding(effect: 0.5))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode([result])
        XCTAssertEqual(String(decoding: data, as: UTF8.self), #"[{"effect":0.5,"head":8,"layer":12}]"#)
        XCTAssertEqual(try JSONDecoder().decode([HeadResult<Finding>].self, from: data), [result])
    }
}
