import ArgumentParser
import DataFiles
import Foundation
import Intervention
import Reporting
import Tasks
import Transformer

/// `headsteer plan verify`: whether a plan does what its record says.
struct PlanVerifyCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Run a plan to check that it does what it was made to do.",
        discussion: """
            Runs each edit by itself, looks at which heads and positions change, in which direction and how far, and \
            compares this with the record that search, preset and plan make keep in plan.json. Runs the recorded \
            prompts and texts again. With --data the plan's directions are compared with those that labelled texts \
            give; have the texts read as they were when the plan was made (--chat, --positions).

            The exit status is 1 if a check fails. A check that nothing is recorded for is listed as such and doesn't \
            fail, unless --all-recorded is given.

            Examples:
              headsteer plan verify model.gguf --plan runs/mood/plan.json
              headsteer plan verify model.gguf --plan runs/mood/plan.json --data mood.jsonl
            """)

    @Argument(help: "The model; without --plan, the plan and then the model.")
    var paths: [String]

    @Option(help: ArgumentHelp("The plan: a plan.json.", valueName: "file"))
    var plan: String?

    @Option(help: ArgumentHelp("Labelled texts to compare directions with.", valueName: "file"))
    var data: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            """
            A text to run edits on if the plan has recorded too few: at most two are run. Repeatable (default: the \
            beginnings of neutral sentences).
            """, valueName: "text"))
    var prompt: [String] = []

    @Flag(help: "Let a check fail if nothing is recorded for it.")
    var allRecorded = false

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        switch (paths.count, plan) {
        case (1, .some), (2, nil): break
        case (1, nil): throw ValidationError("there is no plan; give --plan FILE")
        default: throw ValidationError("give one model and one plan: headsteer plan verify MODEL --plan FILE")
        }
        guard reading.positions != .all else {
            throw ValidationError("--positions is all; a direction is compared with one row a text")
        }
        if prompt.contains("") { throw ValidationError("--prompt is empty; give at least one character") }
    }

    func run(_ environment: CommandEnvironment) throws {
        let loaded = try LoadedPlan(contentsOf: URL(filePath: plan ?? paths[0]))
        let opened = try OpenedModel(paths[paths.count - 1], common, template: reading.template)
        let check = try data.map { try directionCheck($0, loaded.plan, opened, environment) }
        let prompts =
            try prompt.isEmpty
            ? opened.tracePrompts() : prompt.map { try opened.promptTokens($0, specialTokens: .parsed) }
        var verifier = PlanVerifier(opened.model, prompts: prompts.filter { !$0.isEmpty }, workers: opened.workers)
        verifier.isCancelled = { environment.interruption.isRequested }
        let targets = Set(loaded.plan.edits.map(\.target)).count
        let found = try environment.stage("Tracing edits", total: targets) { progress in
            try verifier.verify(loaded, data: check, onProgress: { done, _ in try? progress(done) })
        }
        try environment.interruption.check()
        if common.json {
            try environment.console.json(found, precision: common.precision)
        } else {
            environment.console.output(Self.text(found, environment.console))
        }
        let isMissing = allRecorded && !found.notRecorded.isEmpty
        if !found.holds || isMissing { throw FailedCheck() }
    }

    /// The activations of the texts at the sites that the plan edits.
    private func directionCheck(
        _ path: String, _ plan: InterventionPlan, _ opened: OpenedModel, _ environment: CommandEnvironment
    ) throws -> DirectionCheck {
        let prepared = try PreparedData(try reading.dataFile(path), reading, opened, comparing: true)
        try prepared.warn(opened, environment)
        var check = DirectionCheck(
            activations: [:], tokensSHA256: FileDigest.sha256(prepared.texts.map(\.tokens)),
            positions: reading.positions.rawValue)
        for site in Set(plan.edits.map(\.target.site.kind)).sorted(by: { $0.rawValue < $1.rawValue }) {
            var options = reading
            options.site = site.fileName
            check.activations[site] = try prepared.activations(options, common, opened, fingerprint: "", environment)
        }
        return check
    }

    private static func text(_ found: PlanVerification, _ console: Console) -> String {
        var table = TextTable([
            .init("check"), .init(""), .init("found", .right), .init("expected", .right), .init("note"),
        ])
        for check in found.checks {
            table.add([
                check.name, check.outcome.rawValue, check.found.map { shortened("\($0)") } ?? "",
                check.expected.map { shortened("\($0)") } ?? "", check.note ?? "",
            ])
        }
        let count = found.checks.count
        let missing = found.notRecorded.count
        let summary =
            (found.holds
                ? "The plan does what it says: \(count - missing) checks hold or don't apply"
                : "\(found.failed.count) of \(count) checks fail: \(found.failed.joined(separator: ", "))")
            + (missing > 0 ? "; \(missing) couldn't be made, as nothing is recorded for them." : ".")
        let lines = console.isOutputTerminal ? TextWrapping.wrap(summary, width: console.proseWidth) : [summary]
        return "\(table.rendered(console.tableStyle))\n\n"
            + lines.map { console.style.bold($0) }.joined(separator: "\n")
    }

    /// Fingerprints and long lists, shortened so that they fit in a table.
    private static func shortened(_ text: String) -> String {
        text.count <= 24 ? text : "\(text.prefix(23))…"
    }
}

extension OpenedModel {
    /// The beginnings of a few neutral texts, to run plans on; arbitrary tokens if the model has no tokenizer.
    func tracePrompts() throws -> [[Int]] {
        let most = min(12, configuration.context)
        guard tokenizerIfAny != nil else {
            return [(0..<most).map { ($0 * 7919 + 1) % configuration.vocabulary }]
        }
        return try NeutralTexts.sentences.prefix(4).map {
            Array(try promptTokens($0, specialTokens: .parsed).prefix(most))
        }.filter { !$0.isEmpty }
    }
}
