import XCTest

@testable import Reporting

final class HeatMapTests: XCTestCase {
    func testSignsAndMagnitudesAreReadableWithoutColour() {
        let map = HeatMap(
            [[.init(3.2, isChosen: true), .init(0.01)], [.init(-1.6), .init(-3.2)], [.init(0.4), .init(.nan)]],
            quantity: "Effect")
        XCTAssertEqual(
            map.rendered(),
            """
            layer    0 1 2
            head 0  ⊕█−▄+▁
            head 1   ·−█ ?

            Effect: +█ = +3.20   +▄ = +1.60   −█ = −3.20
            ·  less than 0.20   ⊕ ⊖  chosen
            """)
    }

    func testLayersThatDoNotFitGoBelowEachOtherInEvenBands() {
        let map = HeatMap((0..<32).map { [Double($0)] }, quantity: "Effect")
        let lines = map.rendered(TerminalStyle(width: 50)).split(separator: "\n", omittingEmptySubsequences: false)
        XCTAssertTrue(lines.allSatisfy { DisplayWidth.of($0) <= 50 }, "\(lines)")
        let rows = lines.filter { $0.hasPrefix("head 0") }
        XCTAssertEqual(rows.map { DisplayWidth.of($0) }, [8 + 32, 8 + 32], "two bands of sixteen layers")
        let axes = lines.filter { $0.hasPrefix("layer") }
        XCTAssertEqual(
            axes.map(String.init),
            ["layer    0         5         10        15", "layer    16      20        25        30"])
    }

    func testColourOnlyPaintsWhatIsThereWithoutIt() {
        let map = HeatMap(
            [
                [.init(1), .init(-0.5), .init(0)], [.init(0.2), .init(0.9), .init(-1, isChosen: true)],
            ], quantity: "Effect")
        let painted = map.rendered(TerminalStyle(usesColour: true))
        XCTAssertTrue(painted.contains("\u{1B}[38;5;231;48;5;124m+█"), painted.debugDescription)
        XCTAssertTrue(painted.contains("\u{1B}[1;38;5;231;48;5;19m⊖█"), painted.debugDescription)
        var plain = painted
        plain.replace(#/\u{1B}\[[0-9;]*m/#, with: "")
        XCTAssertEqual(plain, map.rendered())
    }

    /// Values that lie close together and far from 0 have different shades, and the legend says where they begin.
    func testShadesOfThoseShownTellThemApart() {
        let map = HeatMap(
            [[.init(0.40), .init(0.45), .init(0.5), .init(0.1, isMasked: true)]], quantity: "AUROC − 0.5",
            scale: .ofShown)
        XCTAssertEqual(
            map.rendered(),
            """
            layer    0
            head 0  +▂
            head 1  +▅
            head 2  +█
            head 3   ∘

            AUROC − 0.5: +▂ = +0.40   +█ = +0.50   −█ = −0.50
            shades from the smallest to the largest value shown   ∘  not significant
            """)
        let svg = map.svg()
        XCTAssertTrue(svg.contains("Shades from the smallest to the largest value shown"), svg)
        XCTAssertTrue(svg.contains(">±0.40<") && svg.contains(">−0.50<"), svg)
        let painted = map.rendered(TerminalStyle(usesColour: true))
        XCTAssertTrue(painted.contains("48;5;217m") && painted.contains("48;5;124m"), painted.debugDescription)
    }

    func testMaskedHeadsDoNotSetTheScale() {
        XCTAssertEqual(HeatMap([[.init(0.2), .init(-0.9, isMasked: true)]], quantity: "x").largest, 0.2)
        XCTAssertEqual(HeatMap([[.init(-0.9, isMasked: true)]], quantity: "x").largest, 0.9)
    }

    func testAMapOfZerosHasDotsAlone() {
        let text = HeatMap([[0, 0]], quantity: "Effect").rendered()
        XCTAssertTrue(text.hasPrefix("layer    0\nhead 0   ·\nhead 1   ·\n"), text)
    }
}
