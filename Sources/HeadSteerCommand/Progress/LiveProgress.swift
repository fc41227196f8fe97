import Dispatch
import Foundation
import Reporting

/// A progress bar on standard error that also moves on while the work has nothing to report; nothing is shown if
/// standard error is no terminal.
final class LiveProgress: @unchecked Sendable {
    // Unchecked: the bar and its state are used only under the lock.
    private let console: Console
    private let lock = NSLock()
    private var bar: ProgressBar?
    private var done = 0
    private var timer: (any DispatchSourceTimer)?

    init(_ console: Console) { self.console = console }

    /// Begins a stage; one that was under way ends.
    func begin(_ stage: String, total: Int) {
        finish()
        guard console.isErrorTerminal, total > 0 else { return }
        lock.withLock {
            done = 0
            bar = ProgressBar(stage, total: total, width: console.width - 1, write: console.errorFragment)
        }
        let timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
        timer.schedule(deadline: .now() + 0.5, repeating: 0.5)
        timer.setEventHandler { [weak self] in self?.redraw() }
        timer.resume()
        lock.withLock { self.timer = timer }
    }

    /// Shows how far the stage is.
    func update(_ done: Int) {
        lock.withLock { self.done = done }
        redraw()
    }

    /// Ends the stage and removes the bar.
    func finish() {
        lock.withLock {
            timer?.cancel()
            timer = nil
            bar?.finish()
            bar = nil
        }
    }

    private func redraw() {
        lock.withLock { bar?.update(done) }
    }
}
