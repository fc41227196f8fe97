import Attribution
import CausalSearch
import Transformer

/// A head's effect as commands print it.
typealias HeadEffectOutput = HeadResult<EffectOutput>

struct EffectOutput: Encodable {
    /// The mean change of the logit difference; in a search, half the difference between the two signs.
    var effect: Double
    /// Null if one item, or one group of items, gives no interval.
    var ciLow: Double?
    var ciHigh: Double?

    private enum CodingKeys: String, CodingKey { case effect, ciLow, ciHigh }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(effect, forKey: .effect)
        try container.encode(ciLow, forKey: .ciLow)
        try container.encode(ciHigh, forKey: .ciHigh)
    }
}

extension HeadEffectOutput {
    init(_ result: ScreenedHead) {
        self.init(result.head, .init(effect: result.effect, ciLow: result.ciLow, ciHigh: result.ciHigh))
    }

    init(_ result: HeadEffect) {
        self.init(result.head, .init(effect: result.effect, ciLow: result.ciLow, ciHigh: result.ciHigh))
    }
}
