import DataFiles
import Foundation

/// A line that shows the progress of a long piece of work and is rewritten in place.
///
/// ```
/// Sweeping heads  ━━━━━━━━━━━────────  132/270  48/s  3 s left
/// ```
///
/// It doesn't print: it passes each line to the given closure, with a carriage return before it. Work that is expected
/// to take less than two seconds shows nothing.
public struct ProgressBar {
    /// The name of the work.
    public let stage: String
    /// The number of steps.
    public let total: Int
    /// The number of columns that a line may take.
    public let width: Int
    private let start: Date
    private let write: (String) -> Void
    private var lastShown: Date?
    private var lastWidth = 0

    /// - Parameters:
    ///   - total: the number of steps, at least 1.
    ///   - start: when the work began.
    ///   - write: writes its argument to the terminal, without adding a line break.
    /// - Precondition: at least one step.
    public init(_ stage: String, total: Int, width: Int = 80, start: Date = Date(), write: @escaping (String) -> Void) {
        precondition(total >= 1, "A progress bar needs at least one step, not \(total).")
        self.stage = stage
        self.total = total
        self.width = width
        self.start = start
        self.write = write
    }

    /// Reports that `done` steps are done.
    ///
    /// A line is written at most ten times per second.
    public mutating func update(_ done: Int, now: Date = Date()) {
        let elapsed = now.timeIntervalSince(start)
        // The work is known to take long, or has taken long already.
        let expected = done > 0 ? elapsed * Double(total) / Double(done) : elapsed
        guard elapsed >= 2 || (elapsed >= 0.5 && expected >= 2.5) else { return }
        if let lastShown, now.timeIntervalSince(lastShown) < 0.1 { return }
        lastShown = now
        let line = Self.line(stage: stage, done: done, total: total, elapsed: elapsed, width: width)
        write("\r" + line.fitted(to: max(lastWidth, DisplayWidth.of(line))))
        lastWidth = DisplayWidth.of(line)
    }

    /// Removes the line.
    public mutating func finish() {
        guard lastShown != nil else { return }
        write("\r" + String(repeating: " ", count: lastWidth) + "\r")
        lastShown = nil
        lastWidth = 0
    }

    /// One line, at most `width` columns wide.
    ///
    /// - Parameter elapsed: seconds since the work began.
    public static func line(stage: String, done: Int, total: Int, elapsed: Double, width: Int = 80) -> String {
        let done = min(max(done, 0), total)
        var figures = "\(done)/\(total)"
        if done > 0, elapsed > 0 {
            let rate = Double(done) / elapsed
            figures += "  \(rateText(rate))"
            if done < total { figures += "  \(timeText(Double(total - done) / rate)) left" }
        }
        let room = width - DisplayWidth.of(stage) - DisplayWidth.of(figures) - 4
        guard room >= 8 else { return "\(stage)  \(figures)".truncated(to: width) }
        let bar = min(room, 30)
        let filled = bar * done / total
        return "\(stage)  " + String(repeating: "━", count: filled) + String(repeating: "─", count: bar - filled)
            + "  \(figures)"
    }

    private static func rateText(_ rate: Double) -> String {
        if rate >= 10 { return String(format: "%.0f/s", rate) }
        return rate >= 1 ? String(format: "%.1f/s", rate) : String(format: "%.1f s each", 1 / rate)
    }

    /// A duration in readable form: `3 min 20 s`.
    public static func timeText(_ seconds: Double) -> String {
        // The upper limit keeps the conversion in range.
        let whole = Int(min(seconds.rounded(.up), 3_600_000))
        if whole < 60 { return "\(whole) s" }
        return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
