import Foundation
import XCTest

@testable import Reporting

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Pictures as XML parsers see them.
final class PictureTests: XCTestCase {
    private final class Elements: NSObject, XMLParserDelegate {
        var counts: [String: Int] = [:]
        var fills: [String] = []
        var texts: [String] = []
        private var text = ""

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            counts[name, default: 0] += 1
            if name == "rect" { fills.append(attributes["fill"] ?? "") }
            for value in attributes.values where value.contains("NaN") || value.contains("inf") {
                XCTFail("\(name) has \(value)")
            }
            text = ""
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) {
            if name == "title" || name == "text" { texts.append(text) }
            text = ""
        }
    }

    private func parse(_ svg: String) throws -> Elements {
        let elements = Elements()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = elements
        XCTAssertTrue(parser.parse(), "\(parser.parserError?.localizedDescription ?? ""): \(svg.prefix(400))")
        for outside in ["<script", "href", "url(", "@import"] {
            XCTAssertFalse(svg.contains(outside), "the file needs nothing but itself, not \(outside)")
        }
        return elements
    }

    private let cells: [[HeatMap.Cell]] = [
        [.init(0.5, isChosen: true), .init(-0.25, detail: "p < 0.1 & \"q\"")], [.init(0.1), .init(.nan)],
        [.init(0), .init(0.02, isMasked: true)],
    ]

    func testHeatMapTellsValuesUnderThePointer() throws {
        let map = HeatMap(cells, quantity: "AUROC − 0.5")
        let elements = try parse(map.svg())
        XCTAssertTrue(elements.texts.contains("0.0: +0.5"), "\(elements.texts)")
        XCTAssertTrue(elements.texts.contains("0.1: −0.25 (p < 0.1 & \"q\")"), "\(elements.texts)")
        XCTAssertTrue(elements.texts.contains("1.1: no number"), "\(elements.texts)")
        XCTAssertTrue(elements.texts.contains("2.1: +0.02, not significant"), "\(elements.texts)")
        XCTAssertTrue(elements.texts.contains("not significant"), "the legend")
        // White ground, six cells, one frame, the scale's steps.
        XCTAssertEqual(elements.counts["rect"], 1 + 6 + 1 + 41)
        XCTAssertEqual(elements.fills[1], "#67001f", "the largest value is the darkest red")
        XCTAssertEqual(map.svg(), map.svg())
        // On a dark ground each class that cells have means another colour.
        let classes = Set(map.svg().matches(of: #/class="(tone[0-9]+)"/#).map { String($0.output.1) })
        XCTAssertTrue(map.svg().contains("prefers-color-scheme: dark"))
        for name in classes { XCTAssertTrue(map.svg().contains(".adapts .\(name) {"), name) }
        XCTAssertGreaterThan(classes.count, 10)
        XCTAssertFalse(try parse(HeatMap([[0, 0]], quantity: "x").svg()).texts.isEmpty)
    }

    func testMaskedHeadsAreShownWithoutTheirValue() {
        let text = HeatMap([[.init(0.5), .init(-0.25, isMasked: true)]], quantity: "AUROC − 0.5").rendered()
        XCTAssertTrue(text.contains("head 0  +█"), text)
        XCTAssertTrue(text.contains("head 1   ∘"), text)
        XCTAssertTrue(text.contains("∘  not significant"), text)
    }

    func testCommaSeparatedValues() {
        let map = HeatMap(cells, quantity: "x")
        XCTAssertEqual(
            map.csv().split(separator: "\n", omittingEmptySubsequences: false),
            [
                "layer,head,value,masked,chosen", "0,0,0.5,false,true", "0,1,-0.25,false,false", "1,0,0.1,false,false",
                "1,1,,false,false", "2,0,0.0,false,false", "2,1,0.02,true,false", "",
            ])
    }

    /// Signs are told apart by hue and magnitudes by luminance, which falls from the middle to both ends: that is what eyes
    /// without red or green cones see too. Both ends of a magnitude are about as dark.
    func testColours() {
        // Relative luminance of sRGB colours (WCAG 2.1).
        func luminance(_ share: Double) -> Double {
            let hex = Int(DivergingColours.colour(share).dropFirst(), radix: 16) ?? 0
            let linear = [hex >> 16, hex >> 8 & 255, hex & 255].map { byte -> Double in
                let value = Double(byte) / 255
                return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        }
        for sign in [-1.0, 1] {
            let falling = stride(from: 0.0, through: 1, by: 0.05).map { luminance(sign * $0) }
            XCTAssertEqual(falling, falling.sorted(by: >), "sign \(sign)")
        }
        for share in [0.25, 0.5, 0.75, 1] { XCTAssertEqual(luminance(share), luminance(-share), accuracy: 0.09) }
        XCTAssertEqual(DivergingColours.colour(0), "#f7f7f7")
        XCTAssertEqual(DivergingColours.colour(-1), "#053061")
        XCTAssertEqual(DivergingColours.colour(5), "#67001f", "beyond the scale is its end")
    }

    func testStripPlot() throws {
        let plot = StripPlot(
            values: [-2, -1, 0.5, 3, 1, -0.5], labels: [false, false, false, true, true, true], threshold: 0,
            title: "Head <1.2>", quantity: "Projection")
        let text = plot.rendered()
        let lines = text.split(separator: "\n")
        XCTAssertEqual(lines[0], "Head <1.2>")
        XCTAssertTrue(lines[1].hasPrefix("true") && lines[2].hasPrefix("false"), text)
        XCTAssertTrue(text.contains("above the line 2 of 3 true, below 2 of 3 false"), text)
        XCTAssertTrue(lines.allSatisfy { $0.count <= 80 }, text)
        // The threshold's column is the same in every line: 2/5 of 64 bins after the name.
        let column = 7 + 64 * 2 / 5
        XCTAssertEqual(Array(lines[3])[column], "┴", text)
        XCTAssertEqual(Array(lines[2])[column], "│", text)
        let elements = try parse(plot.svg())
        XCTAssertEqual(elements.counts["circle"], 6)
        XCTAssertTrue(elements.texts.contains("row 3: +3"), "\(elements.texts)")
        // One value, and classes of no rows.
        let single = StripPlot(values: [1], labels: [true], threshold: 1, title: "", quantity: "x")
        XCTAssertTrue(single.rendered().contains("0 of 0 false"), single.rendered())
        XCTAssertEqual(try parse(single.svg()).counts["circle"], 1)
    }
}
