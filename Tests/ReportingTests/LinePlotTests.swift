import Foundation
import XCTest

@testable import Reporting

final class LinePlotTests: XCTestCase {
    private let plot = LinePlot(
        title: "Dose <&> response", axis: "strength α",
        panels: [
            .init(
                "Accuracy", quantity: "share",
                series: [
                    .init(
                        "heads, 4",
                        [
                            .init(x: 8, y: 0.9, interval: 0.8...1), .init(x: -8, y: 0.1, interval: 0...0.2),
                            .init(x: 0, y: nil), .init(x: 4, y: 0.75, interval: 0.7...0.8),
                        ])
                ],
                reference: .init("no edit", 0.5), bands: [.init("random", 0.4...0.6)], covering: 0...1),
            .init(
                "Perplexity", quantity: "",
                series: [
                    .init("heads, 4", [.init(x: -8, y: 100), .init(x: 8, y: 1000)]),
                    .init("layer", [.init(x: 0, y: 0), .init(x: 8, y: 10)]),
                ],
                bands: [.init("shuffled", [.init(x: 8, range: 20...40), .init(x: -8, range: 10...20)])],
                scale: .logarithmic),
        ])

    private func number(_ element: XMLTree, _ name: String) throws -> Double {
        try XCTUnwrap(Double(element.attributes[name] ?? ""), "\(element.name) has no \(name)")
    }

    /// The panels are 578 wide from 62, with 12 kept free inside at both ends, and 150 high; the first begins below one line of
    /// title and a heading (10 + 17 + 24 = 51), the second a panel, a gap and a heading further down (190).
    func testPointsLieWhereTheirValuesSay() throws {
        let tree = try XMLTree.parse(plot.svg())
        // The last circle is the legend's.
        let circles = try tree.all("circle").map { (try number($0, "cx"), try number($0, "cy")) }.dropLast()
        let expected: [(Double, Double)] = [
            (62 + 12, 51 + 150 * 0.9), (62 + 12 + 554 * 12 / 16, 51 + 150 * 0.25), (62 + 578 - 12, 51 + 150 * 0.1),
            // From 10 to 1000 are two powers of ten.
            (74, 241 + 75), (628, 241),
        ]
        XCTAssertEqual(circles.count, expected.count)
        for (actual, wanted) in zip(circles, expected) {
            XCTAssertEqual(actual.0, wanted.0, accuracy: 0.006, "x of \(wanted)")
            XCTAssertEqual(actual.1, wanted.1, accuracy: 0.006, "y of \(wanted)")
        }
        let polygons = tree.all("polygon").compactMap { $0.attributes["points"] }
        XCTAssertTrue(polygons.contains("62,111 640,111 640,141 62,141"), "the band of 0.4 ... 0.6: \(polygons)")
        // log10 of 20 and 40 between 1 and 3.
        let places = [("74", 20.0), ("628", 40), ("628", 20), ("74", 10)].map { x, value in
            "\(x),\(SVGText.number(241 + 150 * (3 - log10(value)) / 2))"
        }
        XCTAssertTrue(polygons.contains(places.joined(separator: " ")), "\(places) in \(polygons)")
    }

    func testMissingValuesInterruptLinesAndIntervals() throws {
        let tree = try XMLTree.parse(plot.svg())
        XCTAssertEqual(
            tree.all("polyline").compactMap { $0.attributes["points"] },
            ["489.5,88.5 628,66", "74,316 628,241"],
            "the first point stands alone, and 0 has no place on a logarithmic axis")
        // The interval of the point that stands alone is an upright line: 0 ... 0.2.
        let upright = tree.all("line").filter { $0.attributes["x1"] == "74" && $0.attributes["class"] == "line0" }
        XCTAssertEqual(upright.map { [$0.attributes["y1"], $0.attributes["y2"]] }, [["171", "201"]])
    }

    func testThePictureTellsWhatItShows() throws {
        let svg = plot.svg()
        let tree = try XMLTree.parse(svg)
        XCTAssertEqual(tree.all("title").first?.text, "Dose <&> response")
        XCTAssertEqual(
            tree.all("desc").map(\.text),
            ["Line plot over strength α. Panels: Accuracy (share); Perplexity. Lines: heads, 4; layer."])
        XCTAssertTrue(tree.all("title").map(\.text).contains("heads, 4 at +4: 0.75 (0.7 … 0.8)"), svg)
        let texts = tree.all("text").map(\.text)
        for name in ["heads, 4", "layer", "no edit", "random", "shuffled", "95% interval", "−8", "100"] {
            XCTAssertEqual(texts.filter { $0 == name }.count, 1, "\(name) in \(texts)")
        }
        for outside in ["<script", "href", "url(", "@import", "NaN", "inf\""] {
            XCTAssertFalse(svg.contains(outside), "the file needs nothing but itself, not \(outside)")
        }
        XCTAssertEqual(svg, plot.svg())
        // Each series has a line in the legend, with its own colour and dashes.
        let samples = tree.all("line").filter { $0.attributes["stroke-width"] == "2" }
        XCTAssertEqual(samples.map { $0.attributes["stroke"] }, ["#0072b2", "#d55e00"])
        XCTAssertEqual(samples.map { $0.attributes["stroke-dasharray"] }, [nil, "7 3"])
    }

    func testCommaSeparatedValues() {
        XCTAssertEqual(
            plot.csv(),
            """
            panel,kind,name,x,value,low,high
            Accuracy,series,"heads, 4",-8.0,0.1,0.0,0.2
            Accuracy,series,"heads, 4",0.0,,,
            Accuracy,series,"heads, 4",4.0,0.75,0.7,0.8
            Accuracy,series,"heads, 4",8.0,0.9,0.8,1.0
            Accuracy,control,random,,,0.4,0.6
            Accuracy,reference,no edit,,0.5,,
            Perplexity,series,"heads, 4",-8.0,100.0,,
            Perplexity,series,"heads, 4",8.0,1000.0,,
            Perplexity,series,layer,0.0,0.0,,
            Perplexity,series,layer,8.0,10.0,,
            Perplexity,control,shuffled,-8.0,,10.0,20.0
            Perplexity,control,shuffled,8.0,,20.0,40.0

            """)
    }

    func testWithoutColourAllIsASCII() {
        let plot = LinePlot(
            title: "Dose", axis: "alpha",
            panels: [
                .init(
                    "Effect", quantity: "nats",
                    series: [
                        .init("steered", [.init(x: -2, y: -4), .init(x: 0, y: 0), .init(x: 2, y: 4)]),
                        .init("layer", [.init(x: -2, y: nil), .init(x: 2, y: -4)]),
                    ],
                    reference: .init("no edit", 0),
                    bands: [.init("random", [.init(x: -2, range: 0...2), .init(x: 0, range: 0...2)])])
            ])
        let text = plot.rendered(TerminalStyle(width: 25), rows: 5)
        XCTAssertEqual(
            text,
            """
            Dose

            Effect  nats
             4 +                  ..o
             2 +:::::::::::  .....
             0 +--------..o..--------
            -2 +   .....
            -4 +o..                 x
               ++---------+---------+
                -2        0         2
                alpha

            .o. steered   ~x~ layer
            - no edit   : random
            """)
        XCTAssertTrue(text.unicodeScalars.allSatisfy(\.isASCII), text)
    }

    /// Curves are told apart by the characters of their lines and points, and where points lie on each other that is said.
    func testCurvesAreToldApartWithoutColour() {
        let plot = LinePlot(
            title: "Dose", axis: "x",
            panels: [
                .init(
                    "Effect", quantity: "",
                    series: (0..<4).map { index in
                        .init("s\(index)", [.init(x: 0, y: 0), .init(x: 4, y: Double(index))])
                    })
            ])
        for usesColour in [false, true] {
            let text = plot.rendered(TerminalStyle(usesColour: usesColour, width: 60))
            for marker in usesColour ? ["●", "■", "▲", "◆"] : ["o", "x", "*", "#"] {
                XCTAssertTrue(text.contains("\(marker)"), "\(marker) in\n\(text)")
            }
            XCTAssertTrue(text.contains("& several in one place"), text)
        }
        let plain = plot.rendered(TerminalStyle(width: 60))
        for sample in [".o. s0", "~x~ s1", "=*= s2", "^#^ s3"] { XCTAssertTrue(plain.contains(sample), plain) }
        for stroke in [".", "~", "=", "^"] {
            XCTAssertGreaterThan(plain.filter { String($0) == stroke }.count, 3, "\(stroke) in\n\(plain)")
        }
    }

    func testColourDrawsTheSameLinesFiner() {
        let lines = plot.rendered(TerminalStyle(usesColour: true, width: 50)).split(separator: "\n")
        for line in lines { XCTAssertLessThanOrEqual(DisplayWidth.of(line), 50, "\(line)") }
        XCTAssertTrue(lines.contains { $0.contains("\u{1B}[38;5;32m") }, "the first series' colour")
        XCTAssertTrue(lines.contains { $0.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) } }, "dots")
        XCTAssertTrue(lines.contains { $0.contains("\u{1B}[2m░") }, "the band is dim")
    }

    func testControlBandsCanBeToldApart() throws {
        let names = ["random directions", "random heads", "shuffled labels"]
        let plot = LinePlot(
            title: "Controls", axis: "α",
            panels: [
                .init(
                    "Effect", quantity: "", series: [.init("s", [.init(x: 0, y: 0)])],
                    bands: names.enumerated().map { .init($1, Double($0)...Double($0 + 1)) })
            ])
        let tree = try XMLTree.parse(plot.svg())
        func look(_ element: XMLTree) -> [String?] {
            ["fill-opacity", "stroke", "stroke-dasharray"].map { element.attributes[$0] }
        }
        let bands = tree.all("polygon").filter { names.contains($0.text) }.map(look)
        XCTAssertEqual(bands.count, 3)
        XCTAssertEqual(Set(bands).count, 3, "\(bands)")
        XCTAssertEqual(tree.all("rect").dropFirst().map(look), bands, "the legend shows the same")
        let text = plot.rendered()
        for sample in [": random directions", "; random heads", ", shuffled labels"] {
            XCTAssertTrue(text.contains(sample), text)
        }
    }

    func testPlotsOfLittleAreDrawn() throws {
        let nothing = LinePlot(title: "", axis: "", panels: [.init("", quantity: "", series: [])])
        let one = LinePlot(
            title: "A title with <b> that is far too long for one line, as it names a model, a behaviour and heads",
            axis: "α",
            panels: [
                .init(
                    String(repeating: "long ", count: 40), quantity: "q\u{1B}",
                    series: [.init("s", [.init(x: 3, y: 1e308)]), .init("none", [])],
                    bands: [.init("b", [.init(x: 3, range: -1e308 ... -1e307)])])
            ])
        for plot in [nothing, one] {
            let tree = try XMLTree.parse(plot.svg())
            XCTAssertFalse(tree.names.contains("polyline"), "one point makes no line")
            for width in 1...90 {
                for usesColour in [false, true] {
                    let lines = plot.rendered(TerminalStyle(usesColour: usesColour, width: width), rows: 3)
                        .split(separator: "\n")
                    for line in lines where width >= 20 {
                        XCTAssertLessThanOrEqual(DisplayWidth.of(line), width, "\(line)")
                    }
                }
            }
        }
        XCTAssertEqual(try XMLTree.parse(one.svg()).all("circle").count, 2, "the point and its legend")
    }
}
