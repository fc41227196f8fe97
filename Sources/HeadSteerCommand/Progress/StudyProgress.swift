import Evidence
import Foundation
import Reporting

/// Says on standard error how far studies are, and how long the rest may take.
final class StudyProgress {
    private let names: [String]
    private let console: Console
    /// The time at which the first stage began, and the work done before it: studies that were finished earlier took no
    /// time.
    private var start: (date: Date, done: Double)?
    /// The work done before the current stage, in studies.
    private var done = 0.0

    init(_ names: [String], _ console: Console) {
        self.names = names
        self.console = console
    }

    func begin(_ stage: StudyStage, of study: Int) {
        done = Double(study) + StudyStage.allCases.prefix { $0 != stage }.reduce(0) { $0 + $1.share }
        console.error("\(names[study]) (\(study + 1) of \(names.count)): \(stage.title) …\(rest())")
    }

    /// How long the rest may take, judging by what was done so far; empty if nothing was.
    private func rest() -> String {
        guard let start else {
            start = (Date(), done)
            return ""
        }
        let seconds =
            Date().timeIntervalSince(start.date) * (Double(names.count) - done) / max(done - start.done, 0.01)
        return seconds < 2 ? "" : ", about \(ProgressBar.timeText(seconds)) left in all"
    }
}

extension StudyStage {
    fileprivate var title: String {
        switch self {
        case .search: "Searching for heads"
        case .evaluation: "Evaluating with controls"
        case .doses: "Trying doses"
        case .comparisons: "Comparing with layers, probes and fewer examples"
        case .otherWords: "Asking openly and in other phrasings"
        }
    }

    /// The approximate share of a study's time that the stage takes, as measured on a model of 135 million parameters.
    fileprivate var share: Double {
        switch self {
        case .search: 0.28
        case .evaluation: 0.22
        case .doses: 0.15
        case .comparisons: 0.25
        case .otherWords: 0.1
        }
    }
}
