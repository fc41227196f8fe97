import DataFiles
import Transformer

/// An edit of one head's z: f ∘ z + b.
struct AffineEdit: Sendable, Equatable {
    /// f: empty for 1, one number for all values, or [D].
    var factors: [Double] = []
    /// b, [D]; empty for 0.
    var offset: [Double] = []

    /// The changes of a run that carry out the edit, in order.
    var changes: [Change] {
        var changes: [Change] = []
        if factors.count == 1 {
            changes.append(.scale(Float(factors[0])))
        } else if !factors.isEmpty {
            changes.append(.multiply(factors.map { Float($0) }))
        }
        if !offset.isEmpty { changes.append(.add(offset.map { Float($0) })) }
        return changes
    }

    /// The same edit, half as large.
    var half: AffineEdit {
        AffineEdit(factors: factors.map { 1 + ($0 - 1) / 2 }, offset: offset.map { $0 / 2 })
    }

    /// The change of the loss by the edit, to first order: ⟨gradient, edit⟩.
    func product(_ gradient: AffineGradient) -> Double {
        zip(gradient.factors, factors).reduce(0) { $0 + $1.0 * ($1.1 - 1) }
            + zip(gradient.offset, offset).reduce(0) { $0 + $1.0 * $1.1 }
    }
}

/// The gradient of a loss by the edit of one head's z.
struct AffineGradient: Sendable {
    /// d loss / d f = Σ over positions of (d loss / d z') ∘ z, [D].
    var factors: [Double]
    /// d loss / d b = Σ over positions of d loss / d z', [D].
    var offset: [Double]

    init(size: Int) {
        factors = [Double](repeating: 0, count: size)
        offset = factors
    }
}

/// The learned parameters that determine the edits of some heads.
protocol HeadParameters: Sendable {
    /// The heads that are edited, in order.
    var heads: [Head] { get }
    /// The number of random numbers in [0, 1) that one step needs; 0 for none.
    var noises: Int { get }
    /// The number of parameters.
    var count: Int { get }
    /// The parameters at the start.
    func initial(_ random: inout SeededGenerator) -> [Double]
    /// The edit of each head.
    ///
    /// - Parameter noise: the random numbers of a step; nil for the edits that are used after learning.
    func edits(_ parameters: [Double], noise: [Double]?) -> [AffineEdit]
    /// The gradient by the parameters, from the gradient by each head's edit.
    func gradient(_ parameters: [Double], noise: [Double]?, of edits: [AffineGradient]) -> [Double]
    /// The gradient of the penalty on the parameters at a step.
    ///
    /// - Parameter step: the index of the step, from 0.
    func penaltyGradient(_ parameters: [Double], step: Int) -> [Double]
}

extension HeadParameters {
    var noises: Int { 0 }

    /// The edits of a run.
    func runEdits(_ parameters: [Double], noise: [Double]? = nil, at positions: PositionRule) -> [Edit] {
        edits(parameters, noise: noise).runEdits(of: heads, at: positions)
    }
}

extension [AffineEdit] {
    /// The edits of a run, for these heads.
    func runEdits(of heads: [Head], at positions: PositionRule) -> [Edit] {
        zip(heads, self).flatMap { head, edit in edit.changes.map { .z(head, positions: positions, $0) } }
    }
}

/// Draws `count` numbers from the normal distribution with mean 0.
func gaussians(_ count: Int, deviation: Double, _ random: inout SeededGenerator) -> [Double] {
    (0..<count).map { _ in deviation * random.gaussian() }
}

/// ‖x‖
func norm(_ x: some Sequence<Double>) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
