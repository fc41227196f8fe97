import DataFiles
import Transformer

/// LoFiT's second step (arXiv 2406.01563): z ← z + v at the heads chosen in the first step.
struct Offsets: HeadParameters {
    let heads: [Head]
    /// D
    let size: Int

    var count: Int { heads.count * size }

    func initial(_ random: inout SeededGenerator) -> [Double] {
        gaussians(count, deviation: Scalings.deviation, &random)
    }

    func edits(_ parameters: [Double], noise: [Double]?) -> [AffineEdit] {
        heads.indices.map { AffineEdit(offset: Array(parameters[$0 * size..<($0 + 1) * size])) }
    }

    func gradient(_ parameters: [Double], noise: [Double]?, of edits: [AffineGradient]) -> [Double] {
        edits.flatMap(\.offset)
    }

    func penaltyGradient(_ parameters: [Double], step: Int) -> [Double] { parameters.map { _ in 0 } }
}
