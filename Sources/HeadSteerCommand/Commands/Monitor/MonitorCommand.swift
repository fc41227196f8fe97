import ArgumentParser

/// `headsteer monitor`: commands that notice when heads are steered or leave their normal range.
struct MonitorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Watch heads: fit a monitor on clean texts, score texts with it, or watch generation.",
        subcommands: [
            MonitorFitCommand.self, MonitorScoreCommand.self, MonitorWatchCommand.self,
            MonitorEvaluateCommand.self, MonitorPlanCommand.self, MonitorSummaryCommand.self,
        ])
}
