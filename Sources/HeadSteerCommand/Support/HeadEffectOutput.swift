import Intervention

/// A head's effect as commands print it.
struct HeadEffectOutput: Encodable {
    var layer: Int
    var head: Int
    /// The mean change of the logit difference.
    var effect: Double
    var ciLow: Double
    var ciHigh: Double
}

extension SearchResult {
    /// The effects of the heads that were chosen, largest first.
    var chosenEffects: [HeadEffectOutput] {
        let names = Set(heads.map(\.name))
        return effects.filter { names.contains("\($0.layer).\($0.head)") }.map {
            HeadEffectOutput(
                layer: $0.layer, head: $0.head, effect: $0.effect, ciLow: $0.ciLow, ciHigh: $0.ciHigh)
        }
    }
}
