import Documents
import Foundation
import Monitoring
import Reporting

/// A map of all heads on a terminal while a text grows: one row for each head, one column for each layer, and the end
/// of the text below them. It is redrawn in place on standard error; nothing is drawn if that is no terminal.
final class LiveMonitorView {
    private let console: Console
    private let map: MonitorMap
    private var text = ""
    private var drawn = 0
    private var lastDrawn = Date.distantPast

    /// - Returns: nil if standard error is no terminal whose cursor can be moved, or one that is too small for the
    ///   model's heads and layers.
    init?(_ monitor: HeadMonitor, _ console: Console) {
        guard console.isErrorTerminal, ProcessInfo.processInfo.environment["TERM"] != "dumb" else { return nil }
        map = MonitorMap(
            layers: monitor.model.layers, heads: monitor.model.heads, tokenThreshold: monitor.tokenThreshold,
            answerThreshold: monitor.answerThreshold)
        // Lines that have scrolled away can't be drawn again.
        guard map.width < console.width, map.height + 1 < console.height else { return nil }
        self.console = console
    }

    func append(_ new: String) { text += new }

    func show(_ score: TokenScore, headScores: [Float]) {
        // An eye follows ten drawings a second at most, and drawing costs time.
        guard Date().timeIntervalSince(lastDrawn) >= 0.1 || score.isAlarm else { return }
        lastDrawn = Date()
        var lines = map.lines(score, headScores: headScores, style: console.style, columns: console.width)
        lines.append(
            String(
                TextWrapping.printable(String(text.suffix(console.width))).replacing("\n", with: " ").suffix(
                    max(console.width / 2, 10))))
        let up = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        console.errorFragment(up + lines.map { "\r\u{1B}[K\($0)\n" }.joined())
        drawn = lines.count
    }

    /// Removes the map.
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
    /// The number of lines.
    var height: Int { 1 + heads }

    /// One line for each head, and a title above them.
    ///
    /// A dot is a head below half of the threshold for tokens, ▂ ▄ ▆ one on its way to it, # one above it, ! one above
    /// the threshold for answers, X one whose z was changed.
    func lines(_ score: TokenScore, headScores: [Float], style: TerminalStyle, columns: Int) -> [String] {
        let changed = Set(score.heads.filter { $0.reason == .changed }.map(\.head))
        var lines = [style.bold(title(score, columns: columns))]
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

    /// The position, its score and what an alarm names, cut off where it doesn't fit.
    private func title(_ score: TokenScore, columns: Int) -> String {
        var title = "position \(score.position)  score " + NumberText.format("%.3g", score.score)
        if score.isAlarm {
            let names = score.sites.map { "\($0)" } + score.heads.map { "\($0.head)" }
            title += "  alarm " + names.joined(separator: " ")
        }
        return title.count < columns ? title : title.prefix(max(columns - 3, 0)) + " …"
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
