import DataFiles
import Foundation
import Transformer

/// JoLA (Lai, Fraser & Titov 2025, arXiv 2502.01179): z ← (1 + g₂ A) ∘ z + g₁ v.
///
/// A and v have one number for each value, and g₁ and g₂ one for each head. g₁ and g₂ are hard concrete gates whose
/// probability of being open is penalised. A head's parameters are A, v, log α₁ and log α₂: 2 D + 2 numbers.
struct GatedEdits: HeadParameters {
    let heads: [Head]
    /// D
    let size: Int
    /// The model's number of layers, L; the penalty is divided by L · H².
    let layers: Int
    /// The number of heads in a layer, H; see ``layers``.
    let headsOfLayer: Int
    private let gate = HardConcrete()

    private var stride: Int { 2 * size + 2 }
    var count: Int { heads.count * stride }

    /// Two gates for each head.
    var noises: Int { 2 * heads.count }

    func initial(_ random: inout SeededGenerator) -> [Double] {
        // Xavier's uniform distribution for a matrix [H, 1], as in the source.
        let bound = (6 / Double(headsOfLayer + 1)).squareRoot()
        return heads.flatMap { _ in
            gaussians(2 * size, deviation: Scalings.deviation, &random)
                + (0..<2).map { _ in bound * (2 * random.uniform() - 1) }
        }
    }

    /// The parameters of these heads, selected from those of more heads.
    func parameters(_ parameters: [Double], of other: GatedEdits) -> [Double] {
        heads.flatMap { head in
            other.heads.firstIndex(of: head).map { parameters[$0 * stride..<($0 + 1) * stride] } ?? []
        }
    }

    private func parts(_ parameters: [Double], _ index: Int) -> (
        scaling: ArraySlice<Double>, offset: ArraySlice<Double>, logAlphas: (Double, Double)
    ) {
        let start = index * stride
        return (
            parameters[start..<start + size], parameters[start + size..<start + 2 * size],
            (parameters[start + 2 * size], parameters[start + 2 * size + 1])
        )
    }

    private func gates(_ logAlphas: (Double, Double), _ noise: [Double]?, _ index: Int) -> (
        offset: (value: Double, derivative: Double), scaling: (value: Double, derivative: Double)
    ) {
        (
            gate.gate(logAlphas.0, noise: noise?[2 * index]), gate.gate(logAlphas.1, noise: noise?[2 * index + 1])
        )
    }

    func edits(_ parameters: [Double], noise: [Double]?) -> [AffineEdit] {
        heads.indices.map { index in
            let (scaling, offset, logAlphas) = parts(parameters, index)
            let gates = gates(logAlphas, noise, index)
            return AffineEdit(
                factors: scaling.map { 1 + gates.scaling.value * $0 }, offset: offset.map { gates.offset.value * $0 })
        }
    }

    func gradient(_ parameters: [Double], noise: [Double]?, of edits: [AffineGradient]) -> [Double] {
        func dot(_ x: some Sequence<Double>, _ y: some Sequence<Double>) -> Double {
            zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
        }
        return heads.indices.flatMap { index -> [Double] in
            let (scaling, offset, logAlphas) = parts(parameters, index)
            let gates = gates(logAlphas, noise, index)
            return edits[index].factors.map { gates.scaling.value * $0 }
                + edits[index].offset.map { gates.offset.value * $0 } + [
                    gates.offset.derivative * dot(edits[index].offset, offset),
                    gates.scaling.derivative * dot(edits[index].factors, scaling),
                ]
        }
    }

    /// The weight of the penalty on the offsets' gates at a step, 0.1 e^(−0.01 step), as in JoLA's schedule `expon`.
    ///
    /// The penalty on the scalings' gates has the weight 1 minus this.
    static func offsetWeight(step: Int) -> Double { 0.1 * exp(-0.01 * Double(step)) }

    func penaltyGradient(_ parameters: [Double], step: Int) -> [Double] {
        var gradient = [Double](repeating: 0, count: parameters.count)
        let share = 1 / Double(layers * headsOfLayer * headsOfLayer)
        let weight = Self.offsetWeight(step: step)
        for index in heads.indices {
            let place = index * stride + 2 * size
            gradient[place] = weight * share * gate.openProbability(parameters[place]).derivative
            gradient[place + 1] = (1 - weight) * share * gate.openProbability(parameters[place + 1]).derivative
        }
        return gradient
    }
}
