extension HeatMap {
    /// The map as comma-separated values with a header.
    ///
    /// There is one line per head; layers and heads are counted from 0. The value is empty for NaN and infinities.
    public func csv() -> String {
        var lines = ["layer,\(row),value,masked,chosen"]
        for (layer, heads) in cells.enumerated() {
            for (head, cell) in heads.enumerated() {
                let value = cell.value.isFinite ? "\(cell.value)" : ""
                lines.append("\(layer),\(head),\(value),\(cell.isMasked),\(cell.isChosen)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
