import DataFiles
import Foundation
import Transformer

/// Causal head gating (Nam et al. 2025, arXiv 2505.13737): z ← m z with one gate m = σ(x) for each head, and a pressure
/// to close or to open the gates.
struct ScalarGates: HeadParameters {
    let heads: [Head]
    /// w: the penalty is w times the mean of x over heads; above 0 it closes gates where that costs little, below 0 it
    /// opens them.
    ///
    /// The pressure to close a gate ends when the gate is almost closed, and the pressure to open it when it is almost
    /// open. The source's pressure ends at both sides, so that it leaves alone gates that a fit without pressure has
    /// opened far.
    let pressure: Double

    /// The size of x beyond which a gate is closed, or open, enough.
    static let clamp = 4.0

    var count: Int { heads.count }

    func initial(_ random: inout SeededGenerator) -> [Double] {
        heads.map { _ in
            // Gates begin anywhere in (0, 1), as in the source.
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
