import ArgumentParser
import DataFiles
import Foundation
import Intervention
import Monitoring

/// `headsteer monitor plan`: a plan that holds a behaviour within its clean range.
struct MonitorPlanCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Make a plan that holds a monitor's behaviour within its clean range.",
        discussion: """
            For each head of the behaviour, the plan clamps z along the direction if it is more than --sigmas away \
            from the clean mean, and leaves it alone otherwise. Gates read z before any edit of the same head, so the \
            plan responds to what the model does by itself. monitor watch --response steer-back also holds heads that \
            another plan moves.

            Example:
              headsteer monitor plan model.gguf --monitor monitor.safetensors --behaviour mood --out runs/held
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var monitor: MonitorOption

    @Option(help: ArgumentHelp("The behaviour, by the name that it has in the monitor.", valueName: "name"))
    var behaviour: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How far the range reaches on either side of the clean mean, in σ.", valueName: "x"))
    var sigmas = 3.0

    @Option(help: ArgumentHelp("The folder for the plan and its directions.", valueName: "folder"))
    var out: String

    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var plan: String
        var edits: Int
        var heads: [String]
    }

    func validate() throws {
        guard sigmas > 0, sigmas.isFinite else {
            throw ValidationError("--sigmas is \(sigmas); give a positive number")
        }
    }

    func run(_ environment: CommandEnvironment) throws {
        let folder = try OutputFile.checkNewFolder(out)
        let opened = try OpenedModel(model.model, common)
        let monitor = try monitor.load(for: opened, allowOtherModel: false, environment)
        let plan = try monitor.clampPlan(for: behaviour, sigmas: sigmas, in: opened.configuration)
        _ = try plan.edits(opened.configuration)
        try plan.write(to: folder)
        var heads: [String] = []
        for edit in plan.plan.edits where !heads.contains("\(edit.target)") { heads.append("\(edit.target)") }
        let output = Output(plan: "\(out)/plan.json", edits: plan.plan.edits.count, heads: heads)
        if common.json { return try environment.console.json(output) }
        environment.console.output("plan   \(output.plan)\nheads  \(heads.joined(separator: " "))")
    }
}
