import Foundation
import Intervention
import Reporting

/// Shows on standard error where a search is: one progress bar a stage, if a person is there to see it.
final class SearchProgress {
    private let environment: CommandEnvironment
    private var tried = 0
    private var bar: ProgressBar?

    init(_ environment: CommandEnvironment) { self.environment = environment }

    /// Takes one report of the search.
    func show(_ stage: SearchStage) {
        switch stage {
        case .collecting(let done, let total): update("Reading texts", done, total)
        case .sweeping(let done, let total): update("Sweeping heads", done, total)
        case .tried:
            tried += 1
            update("Trying strengths", tried, StrengthSearch.strengths.count)
        }
    }

    /// Makes room for other output; the bar comes back with the next report.
    func hide() { bar?.finish() }

    /// Takes the bar away.
    func finish() {
        bar?.finish()
        bar = nil
    }

    private func update(_ name: String, _ done: Int, _ total: Int) {
        guard environment.console.isErrorTerminal, total > 0 else { return }
        if bar?.stage != name {
            bar?.finish()
            bar = ProgressBar(
                name, total: total, width: environment.console.width - 1, write: environment.console.errorFragment)
        }
        bar?.update(done)
    }
}

extension SearchStage {
    /// Whether the stage is over with this report.
    var isLast: Bool {
        switch self {
        case .collecting(let done, let total), .sweeping(let done, let total): done == total
        case .tried: false
        }
    }
}
