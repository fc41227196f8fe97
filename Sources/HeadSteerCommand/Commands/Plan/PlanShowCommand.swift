import ArgumentParser
import Documents
import Foundation
import Intervention
import Reporting
import Transformer

/// `headsteer plan show`: strengths in every unit, cosines, and a dry run on a prompt.
struct PlanShowCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Show a plan's edits with their strengths in every unit, and which tokens of a prompt each one touches.",
        discussion: """
            Nothing is generated. With --prompt it shows the tokens of the prompt, with those that an edit touches in \
            ⟦ ⟧, and says which generated tokens the edit would touch.

            Example:
              headsteer plan show model.gguf --plan runs/mood/plan.json --prompt "My day at work was"
            """)

    @OptionGroup var model: ModelArgument

    @Option(help: ArgumentHelp("The plan: a plan.json.", valueName: "file"))
    var plan: String

    @Flag(help: "Use the plan on a model that it was not made for, if the shape is the same.")
    var allowOtherModel = false

    @Option(help: ArgumentHelp("A prompt to show the touched tokens of.", valueName: "text"))
    var prompt: String?

    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        struct Edit: Encodable {
            var target: String
            var operation: String
            var behaviour: String?
            var strength: StrengthConversion?
            /// The prompt's positions that the edit touches; nil without a prompt.
            var promptPositions: [Int]?
            var generated: String?
            var marked: String?
        }

        var edits: [Edit]
        var cosines: [DirectionCosine]
        var whereBehavioursMeet: String
        var pieces: [String]?
    }

    func run(_ environment: CommandEnvironment) throws {
        let url = URL(filePath: plan)
        let loaded = try LoadedPlan(contentsOf: url)
        let plan = loaded.plan
        let opened = try OpenedModel(model.model, common, placement: .mapped)
        try loaded.check(opened.model, allowOtherModel: allowOtherModel, workers: opened.workers)
        _ = try loaded.edits(opened.configuration)
        let strengths = try loaded.strengths(opened.configuration)
        let touched = try prompt.map { prompt in
            try TouchedTokens(
                plan, prompt: opened.promptTokens(prompt, specialTokens: .parsed), tokenizer: opened.tokenizer)
        }
        let output = Output(
            edits: plan.edits.enumerated().map { index, edit in
                Output.Edit(
                    target: "\(edit.target)", operation: edit.operation.rawValue, behaviour: edit.behaviour,
                    strength: strengths[index], promptPositions: touched?.positions[index],
                    generated: touched.map { $0.generated[index].description + edit.conditions },
                    marked: touched?.marked(edit: index))
            }, cosines: try loaded.directionCosines(opened.model),
            whereBehavioursMeet: plan.overlap.rawValue, pieces: touched?.pieces)
        if common.json { return try environment.console.json(output, precision: common.precision) }
        environment.console.output(Self.text(output, plan, environment.console))
    }

    private static func text(_ output: Output, _ plan: InterventionPlan, _ console: Console) -> String {
        let style = console.style
        var table = TextTable([
            .init("edit", .right), .init("at"), .init("operation"), .init("length", .right), .init("raw", .right),
            .init("σ", .right), .init("head norms", .right), .init("residual norms", .right), .init("behaviour"),
        ])
        func number(_ value: Double?) -> String { value.map { NumberText.format("%.3g", $0) } ?? "" }
        for (index, edit) in output.edits.enumerated() {
            let s = edit.strength
            table.add([
                "\(index)", edit.target, edit.operation, number(s?.length), number(s?.raw), number(s?.sigma),
                number(s?.headNorm), number(s?.residualNorm), edit.behaviour ?? "",
            ])
        }
        var parts = [table.rendered(console.tableStyle)]
        let close = output.cosines.filter { $0.z != nil || abs($0.residual) >= 0.3 }
        if !close.isEmpty {
            var cosines = TextTable([
                .init("edits"), .init("cosine in z", .right), .init("residual stream", .right),
            ])
            for pair in close {
                cosines.add([
                    "\(pair.first) (\(output.edits[pair.first].target)) and \(pair.second) (\(output.edits[pair.second].target))",
                    pair.z.map { NumberText.format("%+.2f", $0) } ?? "", NumberText.format("%+.2f", pair.residual),
                ])
            }
            parts.append(cosines.rendered(console.tableStyle))
        }
        // Edits that touch the same tokens are shown once.
        var shown: [String: [Int]] = [:]
        for (index, edit) in output.edits.enumerated() {
            guard let marked = edit.marked, let generated = edit.generated else { continue }
            shown["\(marked)\n\(generated)", default: []].append(index)
        }
        for (_, edits) in shown.sorted(by: { $0.value[0] < $1.value[0] }) {
            let edit = output.edits[edits[0]]
            let lines = TextWrapping.wrap(TextWrapping.printable(edit.marked ?? ""), width: max(style.width - 2, 20))
            let title = "edit \(edits.map(String.init).joined(separator: ", ")): \(edit.generated ?? "")"
            parts.append(([style.bold(title)] + lines.map { "  \($0)" }).joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }
}

extension PlannedEdit {
    /// What makes an edit act less than its positions say, as readable text.
    fileprivate var conditions: String {
        var parts: [String] = []
        if let gate { parts.append(gate.mode == .token ? "where its gate is open" : "once its gate has opened") }
        if case .decay(let rate) = schedule { parts.append("each time \(NumberText.short(rate)) times as strongly") }
        if keepsNorm { parts.append("the norm kept") }
        return parts.isEmpty ? "" : "; " + parts.joined(separator: ", ")
    }
}
