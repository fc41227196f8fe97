import DataFiles
import Foundation
import ModelComparison
import Reporting
import Statistics
import Tasks
import Transformer

/// A comparison of two models as a readable document: findings, tables, maps of all heads, texts side by side.
public struct ComparisonDocument {
    /// The title above the report.
    public var title: String
    /// What was compared: models, data, program.
    public var facts: [(term: String, text: String)]
    /// The comparison's results.
    public var report: ComparisonReport
    /// The models' number of layers.
    public var layers: Int
    /// The models' number of query heads per layer.
    public var headsOfLayer: Int
    /// The number of values per head; CKA says little if there are hardly more positions than that.
    public var headSize: Int
    /// The time that each stage took.
    public var seconds: [StageSeconds]
    /// The largest number of texts to show.
    public var shownTexts = 12
    /// The largest number of heads and tensors to list.
    public var shownRows = 20

    /// Creates a document for a report; nothing is rendered yet.
    public init(
        title: String, facts: [(term: String, text: String)], report: ComparisonReport,
        configuration: ModelConfiguration, seconds: [StageSeconds]
    ) {
        self.title = title
        self.facts = facts
        self.report = report
        layers = configuration.layers
        headsOfLayer = configuration.heads
        headSize = configuration.headSize
        self.seconds = seconds
    }

    /// The whole document, with `html()` and `markdown()` for files.
    public var document: ReportDocument {
        var sections = [
            ReportDocument.Section(
                "What was compared",
                [.definitions(facts.map { .init($0.term, $0.text) })]
                    + (report.notes.isEmpty ? [] : [.callout(.note, report.notes.joined(separator: " "))])),
            ReportDocument.Section("What was found", [.list(report.findings)]),
            ReportDocument.Section(
                "Answers",
                [
                    .table(
                        answerTable,
                        caption:
                            "Changes are B minus A, with 95% intervals. p is from flipping the signs of whole groups for means, and "
                            + "from McNemar's exact test for shares.")
                ]),
            ReportDocument.Section("The next token", [.table(divergenceTable)]),
            ReportDocument.Section("Weights by head", weightBlocks),
            ReportDocument.Section("Activations by head", activationBlocks),
        ]
        if report.directionSource != nil { sections.append(.init("Directions of A in B", transferBlocks)) }
        if let checks = report.texts?.judgeChecks {
            sections.append(.init("The judges", [.table(.judges(checks), caption: TextTable.judgesCaption)]))
        }
        if let texts = report.texts { sections.append(.init("Texts", textBlocks(texts))) }
        return ReportDocument(title: title, summary: report.findings.first ?? "", sections: sections)
    }

    // MARK: Answers and tokens

    /// Answers, logit differences and, if texts were written, their outcomes.
    public var answerTable: TextTable {
        var table = TextTable([
            .init(""), .init("A", .right), .init("B", .right), .init("change", .right), .init("95% interval"),
            .init("p", .right),
        ])
        let answers = report.answers
        table.add([
            "same answer, of \(answers.items) items", "", Self.percent(answers.agreement.share), "",
            "\(Self.percent(answers.agreement.ciLow)) … \(Self.percent(answers.agreement.ciHigh))", "",
        ])
        table.add([
            "logit difference", Self.signed(answers.logitDifferenceA.mean), Self.signed(answers.logitDifferenceB.mean),
            Self.signed(answers.change.change.mean), Self.interval(answers.change.change),
            Self.p(answers.change.signFlip.p),
        ])
        table.add([
            "for the behaviour", Self.percent(answers.accuracyA.share), Self.percent(answers.accuracyB.share),
            Self.percent(answers.accuracyB.share - answers.accuracyA.share),
            answers.accuracyChange.map { "\(Self.percent($0.ciLow)) … \(Self.percent($0.ciHigh))" } ?? "",
            answers.mcNemar.map { Self.p($0.p) } ?? "",
        ])
        if let plan = report.plan {
            table.add([
                "change under the plan", Self.signed(plan.changeA.change.mean), Self.signed(plan.changeB.change.mean),
                Self.signed(plan.difference.change.mean), Self.interval(plan.difference.change),
                Self.p(plan.difference.signFlip.p),
            ])
        }
        guard let texts = report.texts else { return table }
        for (name, path, change, test) in [
            ("texts that read as refusals", \WrittenSide.refusals, texts.refusalChange, texts.refusalTest),
            ("texts that are undefined", \.undefined, texts.undefinedChange, texts.undefinedTest),
        ] as [(String, KeyPath<WrittenSide, ShareWithInterval>, PairedProportions, McNemarTest)] {
            table.add([
                name, Self.percent(texts.a[keyPath: path].share), Self.percent(texts.b[keyPath: path].share),
                Self.percent(change.difference), "\(Self.percent(change.ciLow)) … \(Self.percent(change.ciHigh))",
                Self.p(test.p),
            ])
        }
        for judge in texts.judgedChanges.keys.sorted() {
            guard let change = texts.judgedChanges[judge] else { continue }
            table.add([
                "judge “\(judge)”, 0 to 5", NumberText.format("%.2f", texts.a.judged[judge]?.mean ?? 0),
                NumberText.format("%.2f", texts.b.judged[judge]?.mean ?? 0), Self.signed(change.change.mean),
                Self.interval(change.change), Self.p(change.signFlip.p),
            ])
        }
        return table
    }

    /// The divergence between the distributions of the next token.
    public var divergenceTable: TextTable {
        var table = TextTable([.init("measure"), .init("data", .right), .init("neutral text", .right)])
        func row(_ name: String, _ value: (TokenDivergence) -> String) {
            table.add([name, value(report.divergence), value(report.neutralDivergence)])
        }
        row("positions") { "\($0.tokens)" }
        row("KL(A ‖ B), nats a token") {
            NumberText.format("%.4g", $0.kl.mean) + " [" + $0.kl.intervalText { NumberText.format("%.4g", $0) } + "]"
        }
        row("KL(B ‖ A)") { NumberText.format("%.4g", $0.reverseKL.mean) }
        row("KL(A ‖ B) of the worst 5%") { NumberText.format("%.4g", $0.klOfWorst) }
        row("same likeliest token") { NumberText.format("%.1f%%", $0.sameTopToken.mean * 100) }
        row("cross-entropy of A, nats a token") { NumberText.format("%.3f", $0.crossEntropyA.mean) }
        row("cross-entropy of B") { NumberText.format("%.3f", $0.crossEntropyB.mean) }
        return table
    }

    private func textBlocks(_ texts: TextPairs) -> [ReportDocument.Block] {
        (0..<min(texts.prompts.count, shownTexts)).map { index in
            func column(_ name: String, _ side: WrittenSide) -> TextComparison.Column {
                TextComparison.Column(
                    name, text: side.texts[index],
                    judgements: [EvaluationDocument.name(side.outcomes[index])]
                        + (RefusalPhrases.isRefusal(side.texts[index]) ? ["refusal"] : [])
                        + side.scores.keys.sorted().map {
                            NumberText.format("%@ %.1f of 5", $0, side.scores[$0]?[index] ?? 0)
                        })
            }
            return .comparison(
                TextComparison(prompt: texts.prompts[index], columns: [column("A", texts.a), column("B", texts.b)]))
        }
    }

    static func signed(_ value: Double) -> String { NumberText.format("%+.3g", value) }
    static func percent(_ value: Double) -> String { NumberText.format("%.0f%%", value * 100) }
    static func p(_ value: Double) -> String { NumberText.format(value < 0.001 ? "%.1e" : "%.3f", value) }
    static func interval(_ value: MeanWithInterval) -> String { value.intervalText(signed) }
}
