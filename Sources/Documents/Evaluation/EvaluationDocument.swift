import DataFiles
import Evaluation
import Foundation
import Reporting
import Statistics
import Tasks

/// An evaluation as a readable document: tables, the dose-response curve, texts side by side.
public struct EvaluationDocument {
    /// The title above the report.
    public var title: String
    /// What was evaluated and how: model, plan, data, program.
    public var facts: [(term: String, text: String)]
    /// The evaluation's results.
    public var report: EvaluationReport
    /// The plan's effect at several strengths; nil if that wasn't measured.
    public var doses: DoseResponse?
    /// The time that each stage took.
    public var seconds: [StageSeconds]
    /// The prompts of the texts, as readable text.
    public var prompts: [String]
    /// The largest number of texts to show.
    public var shownTexts = 12
    /// Objections to the data that the plan was measured on.
    public var cautions: [String] = []

    /// Creates a document for a report; nothing is rendered yet.
    public init(
        title: String, facts: [(term: String, text: String)], report: EvaluationReport, doses: DoseResponse?,
        seconds: [StageSeconds], prompts: [String]
    ) {
        self.title = title
        self.facts = facts
        self.report = report
        self.doses = doses
        self.seconds = seconds
        self.prompts = prompts
    }

    /// The whole document, with `html()` and `markdown()` for files.
    public var document: ReportDocument {
        var sections = [
            ReportDocument.Section(
                "What was evaluated",
                [.definitions(facts.map { .init($0.term, $0.text) })]),
            ReportDocument.Section("Effect and controls", effect),
        ]
        sections.append(ReportDocument.Section("Side effects", [.table(sideEffectTable, caption: "")]))
        if let checks = report.judgeChecks {
            sections.append(.init("The judges", [.table(.judges(checks), caption: TextTable.judgesCaption)]))
        }
        if let doses { sections.append(ReportDocument.Section("Dose and response", self.dose(doses))) }
        if let texts = comparisons, !texts.isEmpty {
            sections.append(ReportDocument.Section("Texts", texts))
        }
        sections.append(ReportDocument.Section("The plan", planBlocks))
        return ReportDocument(title: title, summary: summary, sections: sections)
    }

    var summary: String {
        let change = report.change
        let wrong = report.paired.movedWrongWay
        return
            "The plan moves the logit difference of \(report.items == 1 ? "one item" : "\(report.items) items") by \(Self.signed(change.mean)) "
            + "[\(change.intervalText(items: report.items, Self.signed))] "
            + "(sign-flip p = \(Self.p(report.paired.signFlip.p))) and the share for the behaviour from "
            + "\(Self.percent(report.base.accuracy)) to \(Self.percent(report.steered.accuracy)); "
            + "\(Self.percent(wrong.share)) of the items move the wrong way. On neutral text it costs "
            + NumberText.format("%.3f nats a token.", report.sideEffects.neutral.kl.mean)
    }

    private var effect: [ReportDocument.Block] {
        var blocks: [ReportDocument.Block] = warnings.map { .callout(.warning, NumberText.sentence($0)) }
        blocks += [.table(scoreTable, caption: ""), .table(controlTable, caption: "")]
        for (key, name) in Self.controlNames {
            guard let control = report.controls[key], control.p != nil, control.largest >= abs(report.change.mean)
            else {
                continue
            }
            blocks.append(
                .callout(
                    .warning,
                    "Of \(control.changes.count) controls (\(name)), the largest moves the items by "
                        + NumberText.format("%.2f", control.largest)
                        + ", at least as far as the plan. By this control, the effect is not specific to the plan."))
        }
        if let prompt = report.prompt, prompt.scores.logitDifference.mean > report.steered.logitDifference.mean {
            blocks.append(
                .callout(
                    .note, "A prompt that asks for the behaviour moves the items further than the plan does."))
        }
        return blocks
    }

    /// Objections to the figures, one sentence each.
    public var warnings: [String] {
        var warnings = cautions
        if report.items == 1 {
            warnings.append("there is only one item, so the effect may be chance and has no interval; give more items")
        }
        if let base = report.textsBase?.outcomes, let steered = report.textsSteered?.outcomes, !base.decides,
            !steered.decides
        {
            warnings.append(
                "the texts decide nothing: \(base.undefined) of \(base.total) without the plan and \(steered.undefined) of "
                    + "\(steered.total) with it are undefined: they show neither side, or both; read them, or give "
                    + "--answers whose texts can be told apart, or more --text-tokens")
        }
        return warnings + (report.judgeChecks ?? []).compactMap(\.warning)
    }

    /// The name of an outcome.
    static func name(_ outcome: AnswerOutcome) -> String {
        switch outcome {
        case .target: "for the behaviour"
        case .other: "against the behaviour"
        case .undefined: "neither, or both"
        }
    }

    private var planBlocks: [ReportDocument.Block] {
        var table = TextTable([
            .init("edit", .right), .init("length", .right), .init("raw", .right), .init("σ", .right),
            .init("head norms", .right), .init("residual norms", .right),
        ])
        func number(_ value: Double?) -> String { value.map { NumberText.format("%.3g", $0) } ?? "" }
        for (index, strength) in report.strengths.enumerated() {
            guard let strength else { continue }
            table.add([
                "\(index)", number(strength.length), number(strength.raw), number(strength.sigma),
                number(strength.headNorm), number(strength.residualNorm),
            ])
        }
        var blocks: [ReportDocument.Block] = [
            .table(table, caption: "The strength of every edit in all units, for comparison with papers.")
        ]
        if !report.cosines.isEmpty {
            var cosines = TextTable([
                .init("edits"), .init("cosine in z", .right), .init("cosine in the residual stream", .right),
            ])
            for pair in report.cosines {
                cosines.add([
                    "\(pair.first) and \(pair.second)",
                    pair.z.map { NumberText.format("%+.2f", $0) } ?? "different heads",
                    NumberText.format("%+.2f", pair.residual),
                ])
            }
            blocks.append(.table(cosines, caption: "How far the edits' directions point the same way."))
        }
        return blocks
    }

    private var comparisons: [ReportDocument.Block]? {
        guard let base = report.textsBase, let steered = report.textsSteered else { return nil }
        let middle = doses?.points.first { $0.factor == -1 }?.texts
        return (0..<min(prompts.count, base.texts.count, shownTexts)).map { index in
            func judgements(_ texts: WrittenTexts) -> [String] {
                [Self.name(texts.sides[index])]
                    + texts.scores.keys.sorted().map {
                        NumberText.format("%@ %.1f of 5", $0, texts.scores[$0]?[index] ?? 0)
                    }
            }
            var columns = [
                TextComparison.Column("no edit", text: base.texts[index], judgements: judgements(base)),
                TextComparison.Column("the plan", text: steered.texts[index], judgements: judgements(steered)),
            ]
            if let middle, index < middle.texts.count {
                columns.append(
                    TextComparison.Column(
                        "the plan, opposite sign", text: middle.texts[index], judgements: judgements(middle)))
            }
            return .comparison(TextComparison(prompt: prompts[index], columns: columns))
        }
    }

    static func signed(_ value: Double) -> String { NumberText.format("%+.2f", value) }
    static func percent(_ value: Double) -> String { NumberText.format("%.0f%%", value * 100) }
    static func signedPercent(_ value: Double) -> String { NumberText.format("%+.0f%%", value * 100) }
    static func p(_ value: Double) -> String { NumberText.format(value < 0.001 ? "%.1e" : "%.3f", value) }
    static func interval(_ value: MeanWithInterval) -> String { value.intervalText(signed) }
}
