import CausalSearch
import DataSets
import Documents
import Foundation
import Reporting
import Statistics

/// The text that quickstart shows a person while it works, and at the end.
final class QuickstartReport {
    private enum Stage: Int {
        case none, directions, sweep, strength, texts
    }

    private let console: Console
    private let isSilent: Bool
    private var stage = Stage.none
    private var style: TerminalStyle { console.style }
    /// Long lines are hard to read on wide terminals.
    private var textWidth: Int { min(style.width, 100) }

    init(_ console: Console, isSilent: Bool) {
        self.console = console
        self.isSilent = isSilent
    }

    func introduce() {
        paragraph(
            """
            In each layer of a language model several attention heads look back at the text, and each of them passes \
            on what it found as a small vector, z. Some heads carry one thing, such as the mood of a text. We will \
            find those heads and push their z towards happy and towards sad. The model's weights are not changed, and \
            nothing is trained.
            """)
    }

    func tell(
        _ inputs: QuickstartInputs, _ opened: OpenedModel, examples: [LabelledExample], contrasts: Int, prompts: Int
    ) {
        let c = opened.configuration
        let trues = examples.count { $0.label }
        line()
        row("Model", "\(inputs.model.lastPathComponent): \(c.layers) layers of \(c.heads) heads")
        row(
            "Data",
            "\(trues) happy and \(examples.count - trues) sad sentences to learn from, \(contrasts) prompts to measure on, "
                + "\(prompts) to continue")
        if inputs.origin == .embedded {
            line()
            paragraph(
                """
                This is the embedded model, a tiny one made for tests, in which two heads are known to carry the mood. For \
                a real model run Fixtures/fetch-smollm2.sh (98 MB) and then this command again.
                """)
        }
    }

    /// Announces the search.
    func beginSearch() {
        begin(
            .directions, "Directions",
            "For every head: the mean z of the happy sentences minus that of the sad ones, at the last token.")
    }

    /// Says what is done when a stage begins.
    func stage(_ new: SearchStage) {
        switch new {
        case .screening:
            begin(
                .sweep, "Sweep",
                """
                One head at a time is pushed 8 σ along its direction, and 8 σ the other way. How much more do the \
                logits then favour happy words over sad ones? A head that moves them is a cause of the mood, not only \
                a trace of it.
                """)
        case .tried:
            begin(
                .strength, "Strength",
                """
                The best heads are pushed together, harder and harder, as long as what the model writes still reads as \
                text.
                """)
        case .collecting, .estimating, .checking, .combining: break
        }
    }

    func tell(_ result: SearchResult, _ opened: OpenedModel) {
        line()
        line(result.heatMap(opened.configuration).rendered(style))
        line()
        for head in result.chosen {
            line(
                "  head \(style.bold("\(head.head)"))"
                    + "   \(NumberText.signed(head.effect))   (95% interval \(MeanWithInterval.text(head.ciLow, head.ciHigh, NumberText.signed)))"
            )
        }
        line()
        let trial = result.trials.first { $0.strength == result.strength }
        paragraph(
            "Pushed together by +\(NumberText.short(result.strength)) σ, they move the difference by "
                + NumberText.signed(trial?.positiveEffect ?? 0) + "; by −\(NumberText.short(result.strength)) σ, by "
                + NumberText.signed(trial?.negativeEffect ?? 0) + ".")
    }

    func beginTexts(_ result: SearchResult) {
        begin(
            .texts, "Texts",
            "The same prompts, continued with these heads pushed towards sad, left alone, and pushed towards happy.")
    }

    func tell(_ texts: SteeredTexts, _ result: SearchResult) {
        let strength = NumberText.short(result.strength)
        let table = SideBySide(titles: ["−\(strength) σ", "0", "+\(strength) σ"])
        for row in texts.rows {
            line()
            line(style.bold(row.prompt) + " …")
            line(
                table.rendered(
                    [row.minus, row.zero, row.plus].map(Self.withoutEmptyLines),
                    TerminalStyle(usesColour: style.usesColour, width: min(style.width, 140))))
        }
    }

    func finish(_ inputs: QuickstartInputs, _ opened: OpenedModel, folder: URL, seconds: Double) {
        let program = ShellWord.program
        let model = ShellWord.path(inputs.model)
        let run = ShellWord.path(folder)
        line()
        line(style.bold("Files") + NumberText.format(" (all in %.0f s)", seconds.rounded(.up)))
        row("plan", "\(run)/plan.json")
        row("directions", "\(run)/directions.safetensors")
        row("report", "\(run)/report.json")
        row("texts", "\(run)/texts.json")
        line()
        line(style.bold("What to try next"))
        for command in [
            "\(program) generate \(model) --plan \(run)/plan.json --prompt \"The last few days were\" --scale -1,0,1",
            "\(program) talk \(model) --plan \(run)/plan.json",
            "\(program) evaluate \(model) --plan \(run)/plan.json --data \(ShellWord.path(inputs.contrast))",
            "\(program) search \(model) --data \(ShellWord.path(inputs.labelled)) --out runs/mine",
        ] {
            line("  " + command)
        }
        paragraph(
            """
            For a behaviour of your own, give search a file with lines such as {"text": "…", "label": true}. To see more or \
            less of the behaviour, give generate other numbers with --scale, or write /strength 0.5 while you talk.
            """)
    }

    private static func withoutEmptyLines(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func begin(_ new: Stage, _ title: String, _ text: String) {
        guard stage != new else { return }
        stage = new
        line()
        line(style.bold("\(new.rawValue)  \(title)"))
        paragraph(text)
    }

    private func line(_ text: String = "") {
        if !isSilent { console.output(text) }
    }

    private func row(_ name: String, _ text: String) {
        for (index, part) in TextWrapping.wrap(text, width: max(textWidth - 14, 20)).enumerated() {
            line("  \((index == 0 ? name : "").padding(toLength: 12, withPad: " ", startingAt: 0))\(part)")
        }
    }

    private func paragraph(_ text: String) {
        for part in TextWrapping.wrap(text, width: textWidth) { line(part) }
    }
}
