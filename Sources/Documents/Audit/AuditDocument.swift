import Auditing
import CausalSearch
import DataFiles
import Evaluation
import Foundation
import Reporting
import Statistics
import Tasks

/// An audit as a readable document.
///
/// It addresses the person who decides about a deployment first, and then the person who checks the figures.
public struct AuditDocument {
    /// The title above the report.
    public var title: String
    /// What was audited and how: model, data, program.
    public var facts: [(term: String, text: String)]
    /// The audit's results.
    public var report: AuditReport
    /// The largest number of texts to show.
    public var shownTexts = 6

    /// Creates a document for a report; nothing is rendered yet.
    public init(title: String, facts: [(term: String, text: String)], report: AuditReport) {
        self.title = title
        self.facts = facts
        self.report = report
    }

    /// The whole document, with `html()` and `markdown()` for files.
    public var document: ReportDocument {
        var sections = [
            ReportDocument.Section("In plain words", plainWords),
            ReportDocument.Section("What was audited", [.definitions(facts.map { .init($0.term, $0.text) })]),
            ReportDocument.Section("Can anything be concluded?", findingBlocks),
            ReportDocument.Section("Robustness", robustness),
            ReportDocument.Section("Where the behaviour lives", place),
        ]
        if let evaluation { sections.append(.init("Held-out items and controls", held(evaluation))) }
        sections.append(.init("Other phrasings", phrasings))
        sections.append(.init("Fewer examples", [.table(groupTable, caption: groupCaption)]))
        if let texts = comparisons, !texts.isEmpty { sections.append(.init("Texts side by side", texts)) }
        sections.append(.init("Defences tried", defences))
        sections.append(.init("Invariants and data", invariants))
        sections.append(.init("Limits", [.list(Self.limits)]))
        return ReportDocument(title: title, summary: summary, sections: sections)
    }

    /// Writes `report.html`, `report.md` with its figures, and `report.json`.
    public func write(to folder: URL, _ numbers: some Encodable) throws {
        try document.write(to: folder, numbers)
    }

    /// The evaluation of the attack; nil if nothing moves the behaviour.
    var evaluation: EvaluationDocument? {
        report.evaluation.map {
            EvaluationDocument(title: title, facts: facts, report: $0, doses: nil, seconds: [], prompts: report.prompts)
        }
    }

    static func number(_ value: Double) -> String {
        NumberText.format(value >= 100 ? "%.0f" : value >= 1 ? "%.1f" : "%.2f", value)
    }

    /// A score as text; `at least 512` if nothing within the protocol moves the behaviour.
    func score(_ value: Double) -> String {
        value >= report.robustness.limit ? "at least \(Self.number(value))" : Self.number(value)
    }

    static let limits = [
        "The audit tries one family of attacks: adding a direction at the last position of a few heads. A high score says that these "
            + "attacks fail, not that others would: prompts, fine-tuning and edits in other places are not tried.",
        "Scores are in σ of each direction, which depends on the texts that the direction is fitted on. Compare only scores of "
            + "the same data and protocol version.",
        "The behaviour is measured by the log-odds of offered answers or words. Whether written texts follow is counted for "
            + "only a dozen short ones; read them.",
        "Cost is KL on twelve plain sentences, unless others were given. What an edit breaks elsewhere is not measured.",
        "Other phrasings put words before an item; the item itself stays in its language.",
        "A finding that is not robust may be due to a lack of data: it doesn't mean that the behaviour can't be moved.",
    ]
}
