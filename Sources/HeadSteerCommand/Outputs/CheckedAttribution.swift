import Attribution
import Documents
import Intervention
import Reporting

/// How well estimates agree with measured effects at one strength, in the form that the command prints.
struct CheckedAttribution: Encodable {
    var strength: Double
    var agreement: EffectAgreement

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(strength, forKey: .strength)
        try agreement.encode(to: encoder)
    }

    private enum CodingKeys: String, CodingKey { case strength }

    /// A row for each strength.
    static func table(_ rows: [CheckedAttribution], unit: StrengthUnit) -> TextTable {
        EffectAgreement.table(
            rows.map { ("\(NumberText.short($0.strength)) \(unit.rawValue)", $0.agreement) }, first: "strength")
    }
}

/// How well the estimates for values of another prompt agree with the measured effects of putting these in place.
struct CheckedPatches: Encodable {
    /// By query heads.
    var z: EffectAgreement
    /// By query heads, as `queries` is; nil unless queries and keys were estimated.
    var queries: EffectAgreement?
    /// By kv heads, each of which is read by several query heads.
    var keys: EffectAgreement?

    /// A row for each kind of value.
    var table: TextTable {
        let all: [(String, EffectAgreement?)] = [("z", z), ("queries", queries), ("keys", keys)]
        let rows = all.compactMap { name, agreement in agreement.map { (name, $0) } }
        return EffectAgreement.table(rows, first: "replaced")
    }
}

extension EffectAgreement {
    /// A row for each agreement; the last column counts only heads with at least 5 % of the largest measured effect.
    fileprivate static func table(_ rows: [(name: String, agreement: EffectAgreement)], first: String) -> TextTable {
        var table = TextTable([
            .init(first, .right), .init("Pearson", .right), .init("Spearman", .right),
            .init("of the true 10", .right), .init("same sign of effects ≥ 5 %", .right),
        ])
        for (name, agreement) in rows {
            func text(_ value: Double?) -> String { value.map { NumberText.format("%.3f", $0) } ?? "–" }
            table.add([
                name, text(agreement.pearson), text(agreement.spearman),
                NumberText.format("%.0f %%", 100 * agreement.topRecall),
                agreement.signAgreement.map { NumberText.format("%.0f %%", 100 * $0) } ?? "–",
            ])
        }
        return table
    }
}
