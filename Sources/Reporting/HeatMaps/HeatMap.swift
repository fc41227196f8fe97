import Foundation

/// A value for every head of every layer as text: one row a head, one column a layer, readable with and without colour.
///
/// A cell is two characters: the sign and the magnitude in eighths of the largest one (`+▃`, `−█`); what is below a
/// sixteenth of it is a dot, and what is masked (not significant, for example) a small circle. Chosen heads have their
/// sign in a circle (`⊕`, `⊖`). With colour, red stands for positive
/// and blue for negative values (for the eye, the signs are there too).
public struct HeatMap: Sendable {
    /// The values, [layers][heads].
    public let values: [[Double]]
    /// The heads to mark.
    public let chosen: Set<Cell>
    /// The heads whose values don't count.
    public let masked: Set<Cell>
    /// What else to tell of a head, where there is room for it.
    public let details: [Cell: String]
    /// What the values are, for the legend: `change of the logit difference`.
    public let quantity: String

    /// A head of a layer, counted from 0.
    public struct Cell: Hashable, Sendable {
        public var layer: Int
        public var head: Int

        public init(layer: Int, head: Int) {
            self.layer = layer
            self.head = head
        }
    }

    /// - Parameters:
    ///   - values: [layers][heads], as many heads for each layer; values that are no number are shown as `?`.
    ///   - chosen: heads to mark.
    ///   - masked: heads whose values don't count: they are shown without.
    ///   - details: what else to tell of a head, as a picture does under the pointer.
    public init(
        _ values: [[Double]], chosen: some Sequence<Cell> = [], masked: some Sequence<Cell> = [],
        details: [Cell: String] = [:], quantity: String
    ) {
        precondition(!values.isEmpty && !values[0].isEmpty, "A heat map needs at least one head.")
        precondition(
            values.allSatisfy { $0.count == values[0].count }, "All layers must have the same number of heads.")
        self.values = values
        self.chosen = Set(chosen)
        self.masked = Set(masked)
        self.details = details
        self.quantity = quantity
    }

    /// The largest magnitude; 0 where all values are 0 or no numbers.
    public var largest: Double {
        values.joined().reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    }

    /// The map with its labels and a legend. Layers that don't fit the width go below each other in bands.
    public func rendered(_ style: TerminalStyle = .plain) -> String {
        let label = max("head \(values[0].count - 1)".count, "layer".count) + 2
        let fitting = max((style.width - label) / 2, 1)
        let bands = (values.count + fitting - 1) / fitting
        // Bands of equal width look better than a short last one.
        let size = (values.count + bands - 1) / bands
        var blocks: [String] = []
        for start in stride(from: 0, to: values.count, by: size) {
            blocks.append(band(start..<min(start + size, values.count), label: label, style))
        }
        return (blocks + [legend(style)]).joined(separator: "\n\n")
    }

    private func band(_ layers: Range<Int>, label: Int, _ style: TerminalStyle) -> String {
        var lines = [axis(layers, label: label)]
        for head in values[0].indices {
            let cells = layers.map { cell(layer: $0, head: head, style) }.joined()
            lines.append("head \(head)".fitted(to: label) + cells)
        }
        return lines.joined(separator: "\n")
    }

    /// Layer numbers over every fifth column (over every one of a small model), and over the first of a band.
    private func axis(_ layers: Range<Int>, label: Int) -> String {
        var line = "layer".fitted(to: label)
        let step = values.count <= 10 ? 1 : 5
        for layer in layers where layer % step == 0 || layer == layers.lowerBound {
            let column = label + 2 * (layer - layers.lowerBound)
            // A number right after that of the band's first layer would touch it.
            guard line.count <= column else { continue }
            line = line.fitted(to: column) + " \(layer)"
        }
        return line
    }

    private func cell(layer: Int, head: Int, _ style: TerminalStyle) -> String {
        let value = values[layer][head]
        let isChosen = chosen.contains(Cell(layer: layer, head: head))
        guard value.isFinite else { return " ?" }
        if masked.contains(Cell(layer: layer, head: head)) { return " ∘" }
        let share = largest > 0 ? abs(value) / largest : 0
        let level = Int((share * 8).rounded(.up))
        let text: String
        if share < 1.0 / 16 {
            text = isChosen ? "◌·" : " ·"
        } else {
            let sign = value > 0 ? (isChosen ? "⊕" : "+") : (isChosen ? "⊖" : "−")
            text = sign + Self.bars[level - 1]
        }
        guard share >= 1.0 / 16 else { return text }
        let palette = value > 0 ? Self.reds : Self.blues
        let shade = min(Int(share * Double(palette.count)), palette.count - 1)
        return style.painted(text, background: palette[shade], isDark: shade >= palette.count - 3, bold: isChosen)
    }

    private func legend(_ style: TerminalStyle) -> String {
        let positive = "+█ = +\(Self.text(largest))"
        let middle = "+▄ = +\(Self.text(largest / 2))"
        let negative = "−█ = −\(Self.text(largest))"
        let lines = [
            "\(quantity): \(positive)   \(middle)   \(negative)",
            "·  less than \(Self.text(largest / 16))" + (masked.isEmpty ? "" : "   ∘  not significant")
                + (chosen.isEmpty ? "" : "   ⊕ ⊖  chosen"),
        ]
        return lines.map { $0.truncated(to: style.width) }.joined(separator: "\n")
    }

    static func text(_ value: Double) -> String {
        String(format: value >= 100 ? "%.0f" : value >= 0.1 || value == 0 ? "%.2f" : "%.2g", value)
    }

    private static let bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    /// Of the 256-colour palette, light to dark.
    private static let reds = [224, 217, 210, 203, 196, 160, 124]
    private static let blues = [189, 153, 117, 75, 33, 26, 19]
}
