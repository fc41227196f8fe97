import DataFiles
import Foundation

/// A value for every head of every layer as text: one row per head, one column per layer, readable with and without
/// colour.
///
/// A cell is two characters: the sign, and the magnitude in eighths of the largest one (`+▃`, `−█`). Anything below a
/// sixteenth of the largest is a dot, and a masked value (one that is not significant, for example) is a small circle.
/// Chosen heads have their sign in a circle (`⊕`, `⊖`). With colour, red also marks positive values and blue negative
/// ones.
public struct HeatMap: Sendable {
    /// One head's value and how it is shown.
    public struct Cell: Sendable, Equatable {
        /// The value; NaN and infinities are shown as `?`.
        public var value: Double
        /// Whether the head is marked.
        public var isChosen: Bool
        /// Whether the value doesn't count (because it is not significant, for example), so that the head is shown
        /// without it.
        public var isMasked: Bool
        /// Further details, which a picture shows on pointing at the cell; empty for none.
        public var detail: String

        /// Creates a head's cell, by default one that counts and isn't chosen.
        public init(_ value: Double, isChosen: Bool = false, isMasked: Bool = false, detail: String = "") {
            self.value = value
            self.isChosen = isChosen
            self.isMasked = isMasked
            self.detail = detail
        }
    }

    /// The magnitudes that the shades stand for.
    public enum Scale: Sendable, Equatable {
        /// From 0 to the largest magnitude.
        case fromZero
        /// From the smallest to the largest magnitude of the heads that are not masked.
        ///
        /// This is for values that lie close together and far from 0. The legend says so.
        case ofShown
    }

    /// [layers][heads], with the same number of heads in each layer.
    public let cells: [[Cell]]
    /// The quantity, for the legend: `change of the logit difference`.
    public let quantity: String
    /// The magnitudes that the shades stand for.
    public let scale: Scale
    /// The label of a row: `head`, or `position` in a map over the positions of a text.
    public var row = "head"

    /// - Parameter cells: [layers][heads], with the same number of heads in each layer; at least one.
    /// - Precondition: a heat map needs at least one head; all layers must have the same number of heads.
    public init(_ cells: [[Cell]], quantity: String, scale: Scale = .fromZero) {
        precondition(!cells.isEmpty && !cells[0].isEmpty, "A heat map needs at least one head.")
        precondition(cells.allSatisfy { $0.count == cells[0].count }, "All layers must have the same number of heads.")
        self.cells = cells
        self.quantity = quantity
        self.scale = scale
        func magnitudes(_ cells: [Cell]) -> [Double] { cells.map(\.value).filter(\.isFinite).map { abs($0) } }
        let all = Array(cells.joined())
        let shown = magnitudes(all.filter { !$0.isMasked })
        let largest = shown.max() ?? magnitudes(all).max() ?? 0
        self.largest = largest
        least = scale == .ofShown ? shown.min().flatMap { $0 < largest ? $0 : nil } ?? 0 : 0
    }

    /// Creates a map of plain values, [layers][heads].
    public init(_ values: [[Double]], quantity: String) {
        self.init(values.map { $0.map { Cell($0) } }, quantity: quantity)
    }

    /// The largest magnitude of the heads that are not masked, or of all heads if all are masked; 0 if all values are
    /// 0, NaN or infinite.
    public let largest: Double

    /// The magnitude that the lightest shade stands for.
    let least: Double

    /// The lightest shade of a scale that doesn't begin at 0.
    static let lightest = 0.2

    /// The shade for a value, −1 ... 1.
    func share(_ value: Double) -> Double {
        guard largest > 0 else { return 0 }
        let share =
            least > 0
            ? Self.lightest + (1 - Self.lightest) * (abs(value) - least) / (largest - least) : abs(value) / largest
        return value < 0 ? -share : share
    }

    var hasChosen: Bool { cells.joined().contains(where: \.isChosen) }
    var hasMasked: Bool { cells.joined().contains(where: \.isMasked) }

    /// The map with its labels and a legend.
    ///
    /// Layers that don't fit the width continue in further bands below.
    public func rendered(_ style: TerminalStyle = .plain) -> String {
        let label = max("\(row) \(cells[0].count - 1)".count, "layer".count) + 2
        let fitting = max((style.width - label) / 2, 1)
        let bands = (cells.count + fitting - 1) / fitting
        // Bands of equal width look better than a short last band.
        let size = (cells.count + bands - 1) / bands
        var blocks: [String] = []
        for start in stride(from: 0, to: cells.count, by: size) {
            blocks.append(band(start..<min(start + size, cells.count), label: label, style))
        }
        return (blocks + [legend(style)]).joined(separator: "\n\n")
    }

    private func band(_ layers: Range<Int>, label: Int, _ style: TerminalStyle) -> String {
        var lines = [axis(layers, label: label)]
        for head in cells[0].indices {
            let values = layers.map { rendered(cells[$0][head], style) }.joined()
            lines.append("\(row) \(head)".fitted(to: label) + values)
        }
        return lines.joined(separator: "\n")
    }

    /// Layer numbers above every fifth column (every column for a small model), and above the first column of a band.
    private func axis(_ layers: Range<Int>, label: Int) -> String {
        var line = "layer".fitted(to: label)
        let step = cells.count <= 10 ? 1 : 5
        for layer in layers where layer % step == 0 || layer == layers.lowerBound {
            let column = label + 2 * (layer - layers.lowerBound)
            // A number directly after that of the band's first layer would touch it.
            guard line.count <= column else { continue }
            line = line.fitted(to: column) + " \(layer)"
        }
        return line
    }

    private func rendered(_ cell: Cell, _ style: TerminalStyle) -> String {
        let (value, isChosen) = (cell.value, cell.isChosen)
        guard value.isFinite else { return " ?" }
        if cell.isMasked { return " ∘" }
        let share = abs(share(value))
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
        guard least == 0 else { return legendOfShown(style) }
        let lines = [
            "\(quantity): \(positive)   \(middle)   \(negative)",
            "·  less than \(Self.text(largest / 16))" + (hasMasked ? "   ∘  not significant" : "")
                + (hasChosen ? "   ⊕ ⊖  chosen" : ""),
        ]
        return lines.flatMap { TextWrapping.wrap($0, width: max(style.width, 2)) }.joined(separator: "\n")
    }

    private func legendOfShown(_ style: TerminalStyle) -> String {
        let lightest = Self.bars[Int((Self.lightest * 8).rounded(.up)) - 1]
        return [
            "\(quantity): +\(lightest) = +\(Self.text(least))   +█ = +\(Self.text(largest))   −█ = −\(Self.text(largest))",
            scaleNote + (hasMasked ? "   ∘  not significant" : "") + (hasChosen ? "   ⊕ ⊖  chosen" : ""),
        ].flatMap { TextWrapping.wrap($0, width: max(style.width, 2)) }.joined(separator: "\n")
    }

    /// The note that the shades don't begin at 0.
    var scaleNote: String { "shades from the smallest to the largest value shown" }

    static func text(_ value: Double) -> String {
        String(format: value >= 100 ? "%.0f" : value >= 0.1 || value == 0 ? "%.2f" : "%.2g", value)
    }

    private static let bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    /// From the 256-colour palette, light to dark.
    private static let reds = [224, 217, 210, 203, 196, 160, 124]
    private static let blues = [189, 153, 117, 75, 33, 26, 19]
}
