import Foundation
import Monitoring
import Reporting

/// All heads on a terminal while a text grows: one row a head, one column a layer, and below them the text's end. Redrawn in
/// place on standard error; nothing where it is no terminal.
final class LiveMonitorView {
    private let console: Console
    private let map: MonitorMap
    private var text = ""
    private var drawn = 0
    private var lastDrawn = Date.distantPast

    /// - Returns: nil where standard error is no terminal, or too narrow for the model's layers.
    init?(_ monitor: HeadMonitor, _ console: Console) {
        guard console.isErrorTerminal else { return nil }
        map = MonitorMap(
            layers: monitor.model.layers, heads: monitor.model.heads, tokenThreshold: monitor.tokenThreshold,
            answerThreshold: monitor.answerThreshold)
        guard map.width < console.width else { return nil }
        self.console = console
    }

    func append(_ new: String) { text += new }

    func show(_ score: TokenScore, headScores: [Float]) {
        // Ten times a second is all that an eye follows, and drawing costs time.
        guard Date().timeIntervalSince(lastDrawn) >= 0.1 || score.isAlarm else { return }
        lastDrawn = Date()
        var lines = map.lines(score, headScores: headScores, style: console.style)
        lines.append(
            String(
                TextWrapping.printable(String(text.suffix(console.width))).replacing("\n", with: " ").suffix(
                    max(console.width / 2, 10))))
        let up = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        console.errorFragment(up + lines.map { "\r\u{1B}[K\($0)\n" }.joined())
        drawn = lines.count
    }

    /// Takes the map away.
    func finish() {
        guard drawn > 0 else { return }
        console.errorFragment("\u{1B}[\(drawn)A\u{1B}[J")
        drawn = 0
    }
}

/// A map of all heads' scores as text.
struct MonitorMap {
    let layers: Int
    let heads: Int
    let tokenThreshold: Double
    let answerThreshold: Double

    /// The number of columns.
    var width: Int { 8 + layers }

    /// One line a head, and one above them.
    ///
    /// A dot is a head within half of the threshold for tokens, ▂ ▄ ▆ one on its way there, # one above it, ! one above the threshold
    /// for answers, X one whose z was changed.
    func lines(_ score: TokenScore, headScores: [Float], style: TerminalStyle) -> [String] {
        let changed = Set(score.heads.filter { $0.reason == .changed }.map(\.head))
        var lines = [
            style.bold("position \(score.position)  score \(String(format: "%.2f", score.score))")
                + (score.isAlarm ? "  alarm" : "")
        ]
        for head in 0..<heads {
            let name = "\(head)".count < 2 ? " \(head)" : "\(head)"
            let cells = (0..<layers).map { layer in
                changed.contains { $0.layer == layer && $0.index == head }
                    ? "X" : cell(Double(headScores[layer * heads + head]))
            }.joined()
            lines.append("head \(name) \(cells)")
        }
        return lines
    }

    private func cell(_ score: Double) -> String {
        if score > answerThreshold { return "!" }
        if score > tokenThreshold { return "#" }
        switch score / max(tokenThreshold, 1e-6) {
        case ..<0.5: return "·"
        case ..<0.67: return "▂"
        case ..<0.84: return "▄"
        default: return "▆"
        }
    }
}
