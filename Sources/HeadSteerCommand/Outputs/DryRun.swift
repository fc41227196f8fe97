import DataSets
import Directions
import Documents
import Foundation
import Reporting

/// The first rows of a data set with the tokens that would be read.
struct DryRun: Encodable {
    struct Row: Encodable {
        /// The row's line in the data file.
        var line: Int
        var label: Bool
        var group: String
        var ids: [Int]
        var pieces: [String]
        /// The positions that are read.
        var readPositions: [Int]
        /// The tokens as a text, with those that are read in ⟦ ⟧.
        var marked: String
    }

    var rows: [Row]
    /// The number of all texts.
    var examples: Int
    /// The number of tokens in all texts.
    var tokens: Int
    /// The size that the file would have.
    var bytes: Int
    var positions: ReadPositions
    var template: String

    init(_ prepared: PreparedData, _ reading: ActivationReading, rows: Int) throws {
        let tokenizer = prepared.preparation.tokenizer
        self.rows = try prepared.texts.prefix(rows).map { text in
            Row(
                line: text.line, label: text.label, group: text.group, ids: text.tokens,
                pieces: try text.tokens.map { try tokenizer.piece($0) }, readPositions: Array(text.positions),
                marked: try text.marked(tokenizer))
        }
        examples = prepared.texts.count
        tokens = prepared.texts.reduce(0) { $0 + $1.tokens.count }
        bytes = 4 * reading.rows * reading.rowSize
        positions = prepared.preparation.positions
        template = prepared.preparation.templateName
    }

    func text(_ style: TerminalStyle) -> String {
        let blocks = rows.map { row in
            let places =
                row.readPositions.count == 1
                ? "position \(row.readPositions[0])"
                : "positions \(row.readPositions[0]) to \(row.readPositions[row.readPositions.count - 1])"
            let title = "line \(row.line), label \(row.label), \(row.ids.count) tokens, read at \(places)"
            let lines = TextWrapping.wrap(row.marked, width: max(style.width - 2, 20))
            return ([style.bold(title)] + lines.map { "  \($0)" }).joined(separator: "\n")
        }
        let size = NumberText.format("%.1f MB", Double(bytes) / 1e6)
        return
            (blocks + ["\(examples) texts, \(tokens) tokens; the file would take \(size). Read: \(positions.rawValue)"])
            .joined(separator: "\n\n")
    }
}
