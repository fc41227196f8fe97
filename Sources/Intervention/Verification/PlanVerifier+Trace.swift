import Directions
import Transformer

/// Compares the changes in an executed run with the record and with the plan itself.
extension PlanVerifier {
    func makeTrace(_ planned: [RecordedEdit], _ record: PlanRecord?) throws -> EditTrace {
        let all = planned + (record?.edits ?? [])
        var prompts: [[Int]] = []
        for prompt in (record?.effects.map(\.prompt) ?? []) + self.prompts where !prompts.contains(prompt) {
            prompts.append(prompt)
        }
        if prompts.isEmpty {
            // Any tokens will do.
            prompts = [(0..<12).map { ($0 * 7919 + 1) % model.configuration.vocabulary }]
        }
        let targets = Set(all.map(\.target)).count
        let texts = try EditTrace.Text.texts(
            Array(prompts.prefix(targets > Self.fewTargets ? 1 : Self.mostTexts)),
            rules: Array(Set(all.map(\.positions) + all.compactMap(\.gate?.positions))), model: model,
            workers: workers, isCancelled: isCancelled)
        return try EditTrace(
            model, texts: texts, layers: (all.map(\.target.layer).max() ?? 0) + 1, workers: workers,
            isCancelled: isCancelled)
    }

    func likeness(_ plan: LoadedPlan) -> DirectionLikeness {
        DirectionLikeness(
            others: (plan.directions?.names ?? []).compactMap { name in
                plan.directions?[name].map { (name, $0.vector.map(Double.init)) }
            })
    }

    func traced(
        _ planned: [RecordedEdit], _ resolved: [Edit], _ record: PlanRecord?, _ trace: EditTrace,
        _ likeness: DirectionLikeness, _ onProgress: (_ done: Int, _ of: Int) -> Void
    ) throws -> (checks: [PlanVerification.Check], trace: [PlanVerification.Traced]) {
        var targets: [EditTarget] = []
        for edit in planned + (record?.edits ?? []) where !targets.contains(edit.target) {
            targets.append(edit.target)
        }
        var (found, expected, own) = (Set<EditTarget>(), Set<EditTarget>(), [PlanVerification.Traced]())
        var checks: [PlanVerification.Check] = []
        for (done, target) in targets.enumerated() {
            if isCancelled() { throw CancellationError() }
            let edits = zip(planned, resolved).filter { $0.0.target == target }
            var values = try trace.values(under: edits.map(\.1))
            // If no gate opens in these texts, the edits are traced as if they had no gates.
            let isClosed = trace.touched(values) == nil && edits.contains { $0.1.gate != nil }
            if isClosed { values = try trace.values(under: edits.map(\.1.ungated)) }
            let touched = trace.touched(values)
            found.formUnion(touched?.targets ?? [])
            if let record {
                let recorded = record.edits.filter { $0.target == target }
                let comparison = compare(target, isClosed ? recorded.map(\.ungated) : recorded, trace, values)
                if comparison.expectedPositions.contains(where: { !$0.isEmpty }) { expected.insert(target) }
                checks += Self.recordChecks(
                    target, comparison, likeness,
                    note: edits.isEmpty
                        ? "the plan doesn't edit it"
                        : recorded.isEmpty
                            ? "the record has no edit of it"
                            : isClosed ? "its gate is closed in these texts, so it was traced without the gate" : nil)
            } else {
                checks += ["direction", "length", "positions"].map { .init("\($0) of \(target)", .notRecorded) }
            }
            if !edits.isEmpty {
                let comparison = compare(
                    target, isClosed ? edits.map(\.0.ungated) : edits.map(\.0), trace, values)
                checks.append(Self.runCheck(target, comparison, touched))
                own.append(
                    PlanVerification.Traced(
                        target: "\(target)", touched: (touched?.targets ?? []).map(\.description),
                        positions: touched?.positions ?? [], length: comparison.length))
            }
            onProgress(done + 1, targets.count)
        }
        func names(_ targets: Set<EditTarget>) -> [String] { self.ordered(targets).map(\.description) }
        let touched: PlanVerification.Check =
            record == nil
            ? .init("touched", .notRecorded, found: .texts(names(found)))
            : .init(
                "touched", holds: found == expected, found: .texts(names(found)), expected: .texts(names(expected)))
        return ([touched] + checks, own)
    }

    private func ordered(_ targets: Set<EditTarget>) -> [EditTarget] {
        targets.sorted { a, b in
            if a.site != b.site { return a.site.isNotAfter(b.site) }
            return (a.head?.index ?? 0) < (b.head?.index ?? 0)
        }
    }

    /// Compares the change of a target in a run with the change that some edits make to the same values.
    private func compare(
        _ target: EditTarget, _ edits: [RecordedEdit], _ trace: EditTrace, _ values: [EditTrace.Values]
    ) -> TargetComparison {
        let plain = PlainEdit(edits: edits)
        var comparison = TargetComparison()
        for (index, text) in trace.texts.enumerated() {
            let unedited = trace.unedited[index]
            let before = trace.rows(target, unedited)
            let expected = plain.apply(to: before, tokens: text.tokens, promptCount: text.prompt.count) { gate in
                EditTarget(gate.site, head: gate.head).map { trace.rows($0, unedited) } ?? []
            }
            comparison.add(
                before: before, found: trace.rows(target, values[index]), expected: expected.rows,
                concerned: expected.concerned)
        }
        comparison.finish()
        return comparison
    }

    private static func recordChecks(
        _ target: EditTarget, _ comparison: TargetComparison, _ likeness: DirectionLikeness, note: String?
    ) -> [PlanVerification.Check] {
        guard let cosine = comparison.cosine else {
            // Nothing shows in these texts, so neither the direction nor the length is known.
            let isUntouched = comparison.positions == comparison.expectedPositions
            let why = note ?? "the recorded edit changes nothing in the traced texts"
            return ["direction", "length"].map { .init("\($0) of \(target)", .notApplicable, note: why) } + [
                .init(
                    "positions of \(target)", holds: isUntouched, found: .positions(comparison.positions),
                    expected: .positions(comparison.expectedPositions), note: note)
            ]
        }
        let looksLike =
            comparison.hasDirection && comparison.hasLength
            ? nil
            : likeness.note(
                found: comparison.change, expected: comparison.expectedChange, besides: "\(target)")
        return [
            .init(
                "direction of \(target)", holds: comparison.hasDirection, found: .number(cosine), expected: .number(1),
                note: note ?? (comparison.hasDirection ? nil : looksLike)),
            .init(
                "length of \(target)", holds: comparison.hasLength, found: .number(comparison.length),
                expected: .number(comparison.expectedLength), note: note ?? (comparison.hasLength ? nil : looksLike)),
            .init(
                "positions of \(target)", holds: comparison.positions == comparison.expectedPositions,
                found: .positions(comparison.positions), expected: .positions(comparison.expectedPositions), note: note),
        ]
    }

    private static func runCheck(
        _ target: EditTarget, _ comparison: TargetComparison, _ touched: EditTrace.Touched?
    ) -> PlanVerification.Check {
        let isElsewhere = touched.map { $0.targets != [target] } ?? false
        let holds = comparison.agrees && !isElsewhere
        return .init(
            "run of \(target)", holds: holds,
            found: .text(
                isElsewhere
                    ? "changes at \((touched?.targets ?? []).map(\.description).joined(separator: ", "))"
                    : comparison.agrees ? "as the plan says" : "values other than the plan's"),
            expected: .text("as the plan says"))
    }
}

extension Edit {
    fileprivate var ungated: Edit {
        var edit = self
        edit.gate = nil
        return edit
    }
}

extension RecordedEdit {
    fileprivate var ungated: RecordedEdit {
        var edit = self
        edit.gate = nil
        return edit
    }
}
