import CausalSearch
import Transformer

/// A head's effect as commands print it.
typealias HeadEffectOutput = HeadResult<EffectOutput>

struct EffectOutput: Encodable {
    /// The mean change of the logit difference; of a search half the difference between both signs.
    var effect: Double
    var ciLow: Double
    var ciHigh: Double

}

extension HeadEffectOutput {
    init(_ result: ScreenedHead) {
        self.init(result.head, .init(effect: result.effect, ciLow: result.ciLow, ciHigh: result.ciHigh))
    }

    init(_ result: HeadEffect) {
        self.init(result.head, .init(effect: result.effect, ciLow: result.ciLow, ciHigh: result.ciHigh))
    }
}
