import Auditing

/// Shows where an audit is: one progress bar a stage, if a person is there to see it.
final class AuditProgress {
    private let bar: LiveProgress
    private var current: AuditStage?

    init(_ environment: CommandEnvironment) { bar = LiveProgress(environment.console) }

    func show(_ stage: AuditStage, done: Int, of total: Int) {
        if stage != current {
            bar.finish()
            let number = (AuditStage.allCases.firstIndex(of: stage) ?? 0) + 1
            bar.begin("\(number)/\(AuditStage.allCases.count) \(stage.rawValue)", total: max(total, 1))
            current = stage
        }
        bar.update(min(done, total))
    }

    /// Takes the bar away.
    func finish() { bar.finish() }
}
