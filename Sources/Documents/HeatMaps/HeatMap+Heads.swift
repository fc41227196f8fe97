import Reporting
import Transformer

extension HeatMap {
    /// Creates a map of results for heads; a head without a result is 0.
    ///
    /// - Parameter cell: makes the cell for a result.
    public init<Finding>(
        _ results: [HeadResult<Finding>], layers: Int, headsOfLayer: Int, quantity: String, scale: Scale = .fromZero,
        cell: (HeadResult<Finding>) -> Cell
    ) {
        var cells = [[Cell]](repeating: [Cell](repeating: Cell(0), count: headsOfLayer), count: layers)
        for result in results { cells[result.head.layer][result.head.index] = cell(result) }
        self.init(cells, quantity: quantity, scale: scale)
    }
}
