import Documents
import Reporting
import Transformer
import XCTest

final class HeatMapOfHeadsTests: XCTestCase {
    func testResultsGoToTheirHeads() {
        let results = [
            HeadResult(Head(layer: 2, index: 1), 0.5), HeadResult(Head(layer: 0, index: 0), -0.25),
        ]
        let map = HeatMap(results, layers: 3, headsOfLayer: 2, quantity: "x") {
            HeatMap.Cell($0.finding, isChosen: $0.head.layer == 2)
        }
        XCTAssertEqual(map.cells.map { $0.map(\.value) }, [[-0.25, 0], [0, 0], [0, 0.5]])
        XCTAssertEqual(map.cells.map { $0.map(\.isChosen) }, [[false, false], [false, false], [false, true]])
    }
}
