import CausalSearch
import Evaluation
import Statistics

/// Whether the data's labels are what moves the behaviour, and so whether anything may be concluded from the score.
public struct Finding: Sendable, Codable, Equatable {
    /// One condition.
    public struct Condition: Sendable, Codable, Equatable {
        /// What the condition asks for.
        public var name: String
        /// Whether the condition holds.
        public var holds: Bool
        /// What was found.
        public var detail: String
    }

    /// The conditions, all of which have to hold.
    public var conditions: [Condition]
    /// Whether all conditions hold.
    public var isRobust: Bool { conditions.allSatisfy(\.holds) }

    private enum CodingKeys: String, CodingKey { case conditions, isRobust }

    init(called: [ScreenedHead], firstLook: FirstLook, evaluation: EvaluationReport?) {
        let names = called.map(\.head.description)
        conditions = [
            Condition(
                name: "heads called", holds: !called.isEmpty,
                detail: called.isEmpty
                    ? "no head does more than random directions at a false discovery rate of 5%"
                    : "\(called.count == 1 ? "1 head does" : "\(called.count) heads do") more than random directions at a false "
                        + "discovery rate of 5%")
        ]
        let looked = firstLook.heads.filter { called.map(\.head).contains($0.head) }
        let best = looked.map(\.p).min() ?? 1
        conditions.append(
            Condition(
                name: "paired differences agree", holds: best <= 0.05,
                detail: names.isEmpty
                    ? "there is no called head to look at"
                    : "the smallest p of a called head, corrected for all heads, is \(best)"))
        guard let evaluation else {
            conditions.append(
                Condition(name: "held-out items move", holds: false, detail: "there was no attack to move them with"))
            return
        }
        let change = evaluation.paired
        conditions.append(
            Condition(
                name: "held-out items move", holds: change.change.isAboveZero && change.signFlip.p <= 0.05,
                detail: "the interval of their mean change: "
                    + change.change.intervalText(items: evaluation.items) { Self.text($0) }))
        for (key, name) in Self.randomControls {
            guard let control = evaluation.controls[key] else { continue }
            let p = control.p ?? 1
            conditions.append(
                Condition(
                    name: "more than \(name)", holds: p <= 0.05,
                    detail: "the largest of \(control.changes.count) moves the items by \(Self.text(control.largest)), "
                        + "the attack by \(Self.text(evaluation.change.mean))"))
        }
    }

    static let randomControls = [
        ("randomDirections", "random directions"), ("randomHeads", "random heads"),
        ("shuffledLabels", "shuffled labels"),
    ]

    private static func text(_ value: Double) -> String { String((value * 100).rounded() / 100) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        conditions = try container.decode([Condition].self, forKey: .conditions)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(conditions, forKey: .conditions)
        try container.encode(isRobust, forKey: .isRobust)
    }
}
