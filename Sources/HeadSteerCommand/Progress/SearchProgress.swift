import CausalSearch
import Foundation

/// Shows how far a search is: one progress bar for each stage, if a person is there to see it.
final class SearchProgress {
    private let bar: LiveProgress
    private var tried = 0
    private var current = ""

    /// - Parameter texts: the number of texts to be read.
    init(_ environment: CommandEnvironment, texts: Int) {
        bar = LiveProgress(environment.console)
        bar.begin("Reading texts", total: texts)
        current = "Reading texts"
    }

    /// Shows one report of the search; `between` is called when a stage is over, while there is no bar.
    func show(_ stage: SearchStage, between: () -> Void = {}) {
        switch stage {
        case .collecting(let done, let total): update("Reading texts", done, total, between)
        case .estimating(let done, let total): update("Looking through all heads", done, total, between)
        case .screening(let done, let total): update("Moving heads one by one", done, total, between)
        case .checking(let done, let total): update("Writing texts with the best heads", done, total, between)
        case .combining(let done, let total): update("Putting heads together", done, total, between)
        case .tried:
            tried += 1
            update("Trying strengths", tried, StrengthSearch.strengths.count + StrengthSearch.refinements, between)
        }
    }

    /// Removes the bar.
    func finish() { bar.finish() }

    private func update(_ name: String, _ done: Int, _ total: Int, _ between: () -> Void) {
        if name != current {
            bar.finish()
            between()
            bar.begin(name, total: total)
            current = name
        }
        bar.update(min(done, total))
    }
}
