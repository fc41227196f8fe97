import Statistics

extension GroupedLabels {
    /// The labels and groups of rows.
    public init(_ examples: [LabelledExample]) {
        self.init(labels: examples.map(\.label), groups: examples.map(\.group))
    }

    /// The labels and groups of texts.
    public init(_ texts: [PreparedText]) { self.init(labels: texts.map(\.label), groups: texts.map(\.group)) }
}
