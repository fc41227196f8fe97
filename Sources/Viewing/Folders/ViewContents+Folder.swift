import DataSets
import Directions
import Foundation
import Intervention
import Transformer

extension ViewContents {
    /// Creates the contents that a folder provides without the model.
    ///
    /// - Parameter examples: the texts that the folder's findings come from, in the order of their file; nil if that
    ///   file wasn't found.
    public init(_ folder: RunFolder, examples: [LabelledExample]? = nil) {
        let name = folder.url.standardizedFileURL.lastPathComponent
        self.init(title: "Heads: \(name)", layers: folder.layers, heads: folder.heads)
        facts = Self.facts(folder)
        columns = folder.columns
        chosen = Self.chosen(folder)
        setDefaults()
        if !folder.writes.isEmpty { setWrites(folder.writes) }
        steering = folder.steering
        logs = folder.logs
        if let activations = folder.activations, let directions = folder.directions ?? folder.plan?.loaded.directions {
            addScores(
                activations.table,
                HeadScale.all(directions, thresholds: folder.thresholds, layers: layers, heads: heads),
                labels: activations.rows.labels,
                examples: examples.flatMap { $0.count == activations.table.examples ? $0 : nil })
        }
        if !folder.notShown.isEmpty { notes.append("Not shown: \(folder.notShown.joined(separator: ", ")).") }
    }

    private static func facts(_ folder: RunFolder) -> [Fact] {
        var facts: [Fact] = []
        for (key, term) in [("model", "model"), ("data", "data"), ("contrast", "measured on"), ("program", "program")] {
            guard let text = folder.provenance[key] else { continue }
            facts.append(Fact(term, key == "model" ? URL(filePath: text).lastPathComponent : text))
        }
        if folder.layers > 0 { facts.append(Fact("heads", "\(folder.layers) layers × \(folder.heads)")) }
        if let plan = folder.plan { facts.append(Fact("plan", text(plan.loaded.plan))) }
        return facts
    }

    private static func text(_ plan: InterventionPlan) -> String {
        let edits = plan.edits.prefix(12).map { edit in
            let strength = edit.strength.map { " " + StrengthName.text($0, unit: edit.unit.rawValue) } ?? ""
            return "\(edit.target) \(edit.operation.rawValue)\(strength)"
        }
        let more = plan.edits.count > edits.count ? " and \(plan.edits.count - edits.count) more" : ""
        return edits.isEmpty ? "no edits" : edits.joined(separator: ", ") + more
    }

    private static func chosen(_ folder: RunFolder) -> [Int] {
        var seen: Set<Int> = []
        return (folder.plan?.loaded.plan.edits ?? []).compactMap { edit in
            guard let head = edit.target.head, head.layer < folder.layers, head.index < folder.heads else { return nil }
            let number = head.layer * folder.heads + head.index
            return seen.insert(number).inserted ? number : nil
        }
    }

    /// Shows causal effects on the map, and plots them against how well heads read the labels.
    private mutating func setDefaults() {
        func key(_ label: String) -> String? { columns.first { $0.label == label }?.key }
        let first = key("effect") ?? key("auroc") ?? columns.first?.key ?? ""
        defaults.column = first
        defaults.y = first
        defaults.x =
            columns.first { $0.label == "auroc" && $0.key != first }?.key ?? columns.first { $0.key != first }?.key
            ?? first
    }

    private mutating func setWrites(_ found: [Head: RunFolder.WrittenPieces]) {
        writes = Head.all(layers: layers, heads: heads).map { head in
            func tokens(_ from: [(piece: String, weight: Double)]?) -> [WrittenTokens.Token] {
                (from ?? []).map { .init(piece: pieces.place($0.piece), weight: $0.weight) }
            }
            return WrittenTokens(raised: tokens(found[head]?.raised), lowered: tokens(found[head]?.lowered))
        }
    }

    /// Adds the scores of stored activations, next to the texts in their original form.
    private mutating func addScores(
        _ table: ActivationTable, _ scales: [HeadScale?], labels: [Bool], examples: [LabelledExample]?
    ) {
        let scores = zip(Head.all(layers: layers, heads: heads), scales).map { head, scale -> [Double] in
            guard let scale, scale.unit.count == table.headSize else { return labels.map { _ in 0 } }
            let values = table[head].values
            return labels.indices.map { scale.score(values[$0 * table.headSize..<($0 + 1) * table.headSize]) }
        }
        self.scores = TextScores(what: HeadScale.text, scores)
        texts = ViewedTexts(
            items: labels.enumerated().map { index, label in
                ViewedTexts.Item(
                    text: examples.map { $0[index].text } ?? "(its text is not in the folder)", label: label,
                    line: examples.flatMap { $0[index].line > 0 ? $0[index].line : nil })
            })
    }
}
