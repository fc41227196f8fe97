import DataFiles
import Foundation
import Transformer

/// Causal head gating (Nam et al. 2025, arXiv 2505.13737): z ← m z with one gate m = σ(x) a head, and a pressure to close them or
/// to open them.
struct ScalarGates: HeadParameters {
    let heads: [Head]
    /// w: the penalty is w times the mean over heads of x: above 0 gates are closed where that costs little, below 0 opened.
    ///
    /// It ends where a gate is as good as closed, or open. The source's ends at both sides, and leaves gates alone that a fit without
    /// pressure has opened far.
    let pressure: Double

    /// Beyond it a gate is closed, or open, enough.
    static let clamp = 4.0

    var count: Int { heads.count }

    func initial(_ random: inout SeededGenerator) -> [Double] {
        heads.map { _ in
            // Gates begin anywhere in (0, 1), as the source's do.
            let gate = min(max(random.uniform(), 1e-6), 1 - 1e-6)
            return log(gate / (1 - gate))
        }
    }

    func edits(_ parameters: [Double], noise: [Double]?) -> [AffineEdit] {
        parameters.map { AffineEdit(factors: [sigmoid($0)]) }
    }

    func gradient(_ parameters: [Double], noise: [Double]?, of edits: [AffineGradient]) -> [Double] {
        zip(parameters, edits).map { parameter, edit in
            let gate = sigmoid(parameter)
            return gate * (1 - gate) * edit.factors.reduce(0, +)
        }
    }

    func penaltyGradient(_ parameters: [Double], step: Int) -> [Double] {
        let slope = pressure / Double(heads.count)
        return parameters.map { (pressure > 0 ? $0 >= -Self.clamp : $0 <= Self.clamp) ? slope : 0 }
    }
}
