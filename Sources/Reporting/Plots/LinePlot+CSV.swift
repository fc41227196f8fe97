extension LinePlot {
    /// All values as comma-separated values with a header, one line per point.
    ///
    /// A line has the panel, the kind (`series`, `control` or `reference`), the name, x, the value, and the ends of the
    /// interval or band. Missing values are empty, and so is x for anything that doesn't depend on it.
    public func csv() -> String {
        var lines = [["panel", "kind", "name", "x", "value", "low", "high"]]
        for panel in panels {
            for series in panel.series {
                lines += series.points.map { point in
                    [
                        panel.title, "series", series.name, "\(point.x)", Self.text(point.y),
                        Self.text(point.interval?.lowerBound), Self.text(point.interval?.upperBound),
                    ]
                }
            }
            for band in panel.bands {
                lines += band.extents.map { extent in
                    [
                        panel.title, "control", band.name, "\(extent.x)", "", "\(extent.range.lowerBound)",
                        "\(extent.range.upperBound)",
                    ]
                }
                if let range = band.constant {
                    lines.append(
                        [panel.title, "control", band.name, "", "", "\(range.lowerBound)", "\(range.upperBound)"])
                }
            }
            if let reference = panel.reference {
                lines.append([panel.title, "reference", reference.name, "", "\(reference.value)", "", ""])
            }
        }
        return lines.map { CommaSeparated.line($0) }.joined()
    }

    private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
}
