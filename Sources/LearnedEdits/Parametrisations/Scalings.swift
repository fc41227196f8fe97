import DataFiles
import Transformer

/// LoFiT's first step (Yin, Ye & Durrett 2024, arXiv 2406.01563): z ← (1 + A) ∘ z at every head, with an L1 penalty on
/// A.
///
/// The heads with the largest ‖A‖ matter most.
struct Scalings: HeadParameters {
    let heads: [Head]
    /// D
    let size: Int
    /// λ: the penalty is λ Σ |A|.
    let penalty: Double

    var count: Int { heads.count * size }

    /// The standard deviation of the initial parameters, as in LoFiT.
    static let deviation = 1e-3

    func initial(_ random: inout SeededGenerator) -> [Double] {
        gaussians(count, deviation: Self.deviation, &random)
    }

    func edits(_ parameters: [Double], noise: [Double]?) -> [AffineEdit] {
        heads.indices.map { AffineEdit(factors: parameters[$0 * size..<($0 + 1) * size].map { 1 + $0 }) }
    }

    func gradient(_ parameters: [Double], noise: [Double]?, of edits: [AffineGradient]) -> [Double] {
        edits.flatMap(\.factors)
    }

    func penaltyGradient(_ parameters: [Double], step: Int) -> [Double] {
        // As in torch, the slope of |x| is 0 at 0.
        parameters.map { $0 > 0 ? penalty : $0 < 0 ? -penalty : 0 }
    }

    /// ‖A‖ of each head.
    func norms(_ parameters: [Double]) -> [Double] {
        heads.indices.map { norm(parameters[$0 * size..<($0 + 1) * size]) }
    }
}
