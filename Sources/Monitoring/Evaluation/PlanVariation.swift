import Directions
import Intervention
import Transformer

/// One way to edit a plan's heads: as the plan does, or with another operation, strength or rule of positions.
///
/// Several of them show from which point on a monitor notices.
public struct PlanVariation: Sendable {
    /// The operation on the heads; nil for the plan as it is.
    public let operation: EditOperation?
    /// The strength; nil if the operation has none.
    public let strength: Double?
    /// The unit of the strength.
    public let unit: StrengthUnit
    /// The positions that are edited; nil for the plan as it is.
    public let positions: PositionRule?
    /// The heads that are edited.
    public let heads: [Head]
    /// The edits, for a run.
    public let edits: [Edit]

    /// The variation in a few words: `add 8 sigma, last, 4 heads`.
    public var name: String {
        let many = "\(heads.count) head\(heads.count == 1 ? "" : "s")"
        guard let operation, let rule else { return "the plan as it is" + (heads.isEmpty ? "" : ", \(many)") }
        let amount = strength.map { " \(Self.text($0))\(unit == .raw ? "" : " \(unit.rawValue)")" } ?? ""
        return "\(operation.rawValue)\(amount), \(rule), \(many)"
    }

    /// The rule of positions in a few words.
    public var rule: String? { positions.map(Self.text) }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e6 ? "\(Int(value))" : "\(Double((value * 1000).rounded()) / 1000)"
    }

    private static func text(_ rule: PositionRule) -> String {
        switch rule {
        case .all: "all"
        case .last: "last"
        case .prompt: "prompt"
        case .generated: "generated"
        case .range(let from, let to): "\(from) to \(to)"
        case .tokens(let tokens): "\(tokens.count) tokens"
        }
    }
}

extension PlanVariation {
    /// The variations to try for a plan.
    ///
    /// - The plan as it is. If it only adds along directions of heads, one edit after the other, it is one of the
    ///   additions and isn't listed twice.
    /// - `add` at the plan's positions, with ⅛ to 4 times its strength; with its own strength at all other rules of
    ///   positions, including the first four tokens of the prompt and `tokens`; and spread over all heads that the
    ///   directions file has, with a half to a sixteenth of the strength each;
    /// - `clamp` to 4, 8 and 16 σ, `project-out`, `scale` to 0, ½, 2 and 4, `rotate` by 10, 30 and 60 degrees.
    ///
    /// All but the plan itself need edits that add along a head's direction; they vary these edits alone.
    ///
    /// - Parameter tokens: frequent tokens, for the rule of tokens; if empty, there is no such variation.
    /// - Throws: `InputError` if the plan doesn't fit the model, or a direction lacks σ.
    public static func standard(
        of plan: LoadedPlan, in configuration: ModelConfiguration, tokens: Set<Int> = []
    ) throws -> [PlanVariation] {
        let base = plan.plan.edits.filter { $0.operation == .add && $0.head != nil }
        let own = PlanVariation(
            operation: nil, strength: nil, unit: .raw, positions: nil,
            heads: Set(plan.plan.edits.compactMap(\.head)).sorted(), edits: try plan.edits(configuration))
        guard let first = base.first else { return [own] }
        func variation(_ change: (inout PlannedEdit) -> Void, of edits: [PlannedEdit] = base) throws -> PlanVariation {
            var changed = edits
            for index in changed.indices { change(&changed[index]) }
            let varied = LoadedPlan(
                InterventionPlan(
                    model: plan.plan.model, directions: plan.plan.directions, edits: changed, overlap: .inOrder),
                directions: plan.directions, name: plan.name)
            return PlanVariation(
                operation: changed[0].operation, strength: changed[0].strength, unit: changed[0].unit,
                positions: changed[0].positions, heads: changed.compactMap(\.head),
                edits: try varied.edits(configuration))
        }
        func operation(
            _ operation: EditOperation, _ strength: Double? = nil, _ unit: StrengthUnit = .raw
        ) throws -> PlanVariation {
            try variation { edit in
                (edit.operation, edit.strength, edit.unit) = (operation, strength, unit)
            }
        }
        let isAddition = base.count == plan.plan.edits.count && plan.plan.overlap != .orthogonal
        var variations = isAddition ? [] : [own]
        variations += try [0.125, 0.25, 0.5, 1, 2, 4].map { factor in
            try variation { $0.strength = ($0.strength ?? 0) * factor }
        }
        var rules: [PositionRule] = [.all, .last, .prompt, .generated, .range(from: 0, to: 4)]
        if !tokens.isEmpty { rules.append(.tokens(tokens)) }
        for rule in rules where rule != first.positions { variations.append(try variation { $0.positions = rule }) }
        if let directions = plan.directions {
            let heads = directions.names.compactMap { Head($0) }
            let spread = heads.map { head in
                PlannedEdit(
                    head, .add, direction: .named("\(head)"), strength: first.strength, unit: first.unit,
                    positions: first.positions)
            }
            if heads.count > base.count {
                for factor in [0.0625, 0.125, 0.25, 0.5] {
                    variations.append(try variation({ $0.strength = ($0.strength ?? 0) * factor }, of: spread))
                }
            }
        }
        for strength in [4.0, 8, 16] { variations.append(try operation(.clamp, strength, .sigma)) }
        variations.append(try operation(.projectOut))
        for strength in [0.0, 0.5, 2, 4] { variations.append(try operation(.scale, strength)) }
        for degrees in [10.0, 30, 60] { variations.append(try operation(.rotate, degrees)) }
        return variations
    }
}
