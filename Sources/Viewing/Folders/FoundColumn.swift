import Transformer

/// A column for the map, as read from a file: values by head, before the model's shape is known.
struct FoundColumn {
    var key, label, source, place: String
    var values: [Head: Double]

    func column(layers: Int, heads: Int) -> HeadColumn {
        let all = Head.all(layers: layers, heads: heads).map { values[$0] }
        return HeadColumn(
            key: key, label: label, source: source, note: ColumnNotes.note(label), values: all,
            centre: ColumnNotes.isArea(label) ? 0.5 : nil, ascending: ColumnNotes.isProbability(label),
            test: label == "q")
    }
}
