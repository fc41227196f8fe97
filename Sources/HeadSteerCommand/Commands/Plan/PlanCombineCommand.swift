import ArgumentParser
import DataFiles
import Foundation
import Intervention

/// `headsteer plan combine`: several behaviours in one plan.
struct PlanCombineCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "combine",
        abstract: "Combine the plans of several behaviours into one.",
        discussion: """
            Give each plan with the name of its behaviour. Writes plan.json and directions.safetensors into the folder \
            --out, and names the heads that several behaviours edit.

            Example:
              headsteer plan combine mood=runs/mood/plan.json agree=runs/agree/plan.json --overlap orthogonal --out runs/both
            """)

    @Argument(help: ArgumentHelp("The plans, each with the name of its behaviour.", valueName: "name=plan.json"))
    var plans: [String]

    @Option(
        name: [.customLong("overlap"), .customLong("meeting")],
        help: """
            What to do if several behaviours edit the same head: apply their edits in order, refuse, or make later \
            additions orthogonal to earlier ones.
            """)
    var overlap = OverlapRule.inOrder

    @Option(help: ArgumentHelp("The folder for the plan and its directions.", valueName: "folder"))
    var out: String

    @Flag(help: "Print one JSON object instead of text for people.")
    var json = false

    struct Output: Encodable {
        var plan: String
        var edits: Int
        /// The heads that more than one behaviour edits.
        var shared: [String]
    }

    func run(_ environment: CommandEnvironment) throws {
        let folder = try OutputFile.checkNewFolder(out)
        let named = try plans.map { text in
            guard let split = text.firstIndex(of: "="), split > text.startIndex else {
                throw InputError.usage("\(text) has no name", remedy: "write NAME=PLAN.json, such as mood=plan.json")
            }
            let url = URL(filePath: String(text[text.index(after: split)...]))
            return (name: String(text[..<split]), plan: try LoadedPlan(contentsOf: url))
        }
        if let twice = named.first(where: { one in named.count { $0.name == one.name } > 1 }) {
            throw InputError.usage("two plans named \(twice.name)", remedy: "give each behaviour a name of its own")
        }
        let combined = try LoadedPlan.combining(named, overlap: overlap)
        let targets = Dictionary(grouping: combined.plan.edits, by: \.target)
        let shared = targets.filter { Set($0.value.map(\.behaviour)).count > 1 }.keys.map(\.description).sorted()
        if overlap == .refuse, !shared.isEmpty {
            throw InputError.badData(
                "several behaviours at \(shared.joined(separator: ", "))", in: "the plans to combine",
                remedy: "choose other heads or another --overlap")
        }
        try combined.write(to: folder)
        let output = Output(
            plan: folder.appending(path: "plan.json").path(percentEncoded: false), edits: combined.plan.edits.count,
            shared: shared)
        if json { return try environment.console.json(output) }
        environment.console.output(
            "edits   \(output.edits)\nshared  "
                + (shared.isEmpty ? "none" : "\(shared.joined(separator: ", ")) (\(overlap.rawValue))"))
        environment.console.close(
            wrote: [("plan", output.plan)],
            next: ["\(ShellWord.program) plan show MODEL --plan \(ShellWord.path(output.plan))"])
    }
}

extension OverlapRule: ExpressibleByArgument {}
