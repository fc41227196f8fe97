import Auditing
import Foundation
import Reporting

/// Shows how far an audit is, if a person is there to see it: one progress bar for each stage, and how long the rest
/// will take.
final class AuditProgress {
    private let bar: LiveProgress
    private var current: AuditStage?
    /// The time at which the first stage of this run began, and which stage it was.
    private var start: (date: Date, stage: AuditStage)?

    init(_ environment: CommandEnvironment) { bar = LiveProgress(environment.console) }

    func show(_ stage: AuditStage, done: Int, of total: Int) {
        if stage != current {
            bar.finish()
            let number = (AuditStage.allCases.firstIndex(of: stage) ?? 0) + 1
            bar.begin(
                "\(number)/\(AuditStage.allCases.count) \(stage.rawValue)\(rest(from: stage))", total: max(total, 1))
            current = stage
        }
        bar.update(min(done, total))
    }

    /// How long this stage and those after it may take, judging by the earlier ones.
    private func rest(from stage: AuditStage) -> String {
        guard let start else {
            start = (Date(), stage)
            return ""
        }
        let stages = AuditStage.allCases
        guard let first = stages.firstIndex(of: start.stage), let next = stages.firstIndex(of: stage), first < next
        else { return "" }
        let past = stages[first..<next].reduce(0) { $0 + $1.share }
        let seconds = Date().timeIntervalSince(start.date) * stages[next...].reduce(0) { $0 + $1.share } / past
        // Before the screen, too little is known of the machine for an estimate.
        guard past >= 0.02, seconds >= 2 else { return "" }
        return ", about \(ProgressBar.timeText(seconds)) left in all"
    }

    /// Removes the bar.
    func finish() { bar.finish() }
}

extension AuditStage {
    /// The approximate share of an audit's time that the stage takes, as measured on a model of 135 million parameters.
    fileprivate var share: Double {
        switch self {
        case .invariants: 0.02
        case .texts: 0.05
        case .screen: 0.2
        case .robustness: 0.2
        case .baselines: 0.1
        case .groups: 0.03
        case .evaluation: 0.25
        case .phrasings: 0.05
        case .defences: 0.1
        }
    }
}
