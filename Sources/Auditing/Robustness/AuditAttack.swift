import Directions
import Intervention
import Transformer

/// The attack that the other stages look at: the cheapest one towards the behaviour or, if there is none, the one that
/// moves it furthest within the budget.
struct AuditAttack {
    var heads: [HeadDirection]
    /// The strength of each head in σ, in steps of a tenth, so that a plan's file says exactly what was measured.
    var strength: Double

    init(_ curves: [RobustnessCurve], score: RobustnessScore, directions: [HeadDirection]) {
        let named = Dictionary(uniqueKeysWithValues: directions.map { ($0.name, $0) })
        if let attack = score.towardAttack {
            heads = attack.heads.compactMap { named[$0] }
            strength = max((attack.strength * 10).rounded(.up), 1) / 10
            return
        }
        let best = curves.filter { $0.sign == 1 }.compactMap { curve in curve.best.map { (curve, $0) } }
            .max { $0.1.mean(nil) < $1.1.mean(nil) }
        heads = best?.0.moved.compactMap { named[$0] } ?? []
        strength = best?.1.strength ?? 0
    }

    var edits: [Edit] { heads.map { $0.edit(sigmas: strength) } }

    /// The attack with the directions of all heads.
    func plan(_ directions: [HeadDirection], residualNorms: [Double]) -> LoadedPlan {
        LoadedPlan(
            InterventionPlan(
                directions: "directions.safetensors",
                edits: heads.map { head in
                    PlannedEdit(
                        head.head, .add, direction: .named(head.name), strength: strength, unit: .sigma,
                        positions: .last)
                }),
            directions: DirectionFile(directions, residualNorms: residualNorms))
    }
}
