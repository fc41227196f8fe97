import ArgumentParser
import Foundation
import Guarding
import Reporting

/// `headsteer monitor summary`: what a guard refused, by week and reason.
struct MonitorSummaryCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "Count what generate --guard refused, by week and reason.",
        discussion: """
            The log is the file that the field "log" of a guard.json names, with one JSON object a line. Weeks are \
            those of ISO 8601, in UTC.

            Example:
              headsteer monitor summary guard.jsonl
            """)

    @Argument(help: "The guard's log.")
    var log: String

    @Flag(help: "Print one JSON object instead of text for people.")
    var json = false

    func run(_ environment: CommandEnvironment) throws {
        let summary = GuardSummary(try GuardLog(URL(filePath: log)).events())
        if json { return try environment.console.json(summary) }
        var table = TextTable([
            .init("week"), .init("prompts", .right), .init("refused", .right), .init("flagged", .right),
            .init("times", .right), .init("outcome"), .init("by"), .init("reason"),
        ])
        for week in summary.weeks {
            let own = [week.week, "\(week.prompts)", "\(week.refused)", "\(week.flagged)"]
            if week.reasons.isEmpty { table.add(own + ["", "", "", ""]) }
            for (index, reason) in week.reasons.enumerated() {
                table.add(
                    (index == 0 ? own : ["", "", "", ""])
                        + [
                            "\(reason.count)", reason.outcome.rawValue, "\(reason.layer.rawValue): \(reason.filter)",
                            reason.reason,
                        ])
            }
        }
        environment.console.output(table.rendered(environment.console.tableStyle))
    }
}
