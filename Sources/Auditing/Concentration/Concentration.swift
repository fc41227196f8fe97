import CausalSearch
import Foundation
import Transformer

/// How the effects are spread over heads and layers.
public struct Concentration: Sendable, Codable, Equatable {
    /// The share of the summed effects (those above 0) that the largest head has.
    public var top1: Double
    /// The share that the 4 largest heads have; see ``top1``.
    public var top4: Double
    /// The share that the 16 largest heads have; see ``top1``.
    public var top16: Double
    /// (Σe)² / Σe² over effects above 0: how many heads there would be if all had the same effect.
    public var effectiveHeads: Double
    /// The share of the summed effects in each layer, [L].
    public var layers: [Double]

    init(_ screened: [ScreenedHead], layers count: Int) {
        let effects = screened.map { max($0.effect, 0) }.sorted(by: >)
        let sum = effects.reduce(0, +)
        func share(_ number: Int) -> Double { sum > 0 ? effects.prefix(number).reduce(0, +) / sum : 0 }
        (top1, top4, top16) = (share(1), share(4), share(16))
        let squares = effects.reduce(0) { $0 + $1 * $1 }
        effectiveHeads = squares > 0 ? sum * sum / squares : 0
        layers = (0..<count).map { layer in
            sum > 0 ? screened.reduce(0) { $1.head.layer == layer ? $0 + max($1.effect, 0) : $0 } / sum : 0
        }
    }
}
