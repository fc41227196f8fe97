import DataFiles
import Transformer

/// What an edit makes of one head's z: f ∘ z + b.
struct AffineEdit: Sendable, Equatable {
    /// f: none for 1, one for all values, or [D].
    var factors: [Double] = []
    /// b, [D]; none for 0.
    var offset: [Double] = []

    /// The changes of a run that make it, in their order.
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

    /// What a gradient says of leaving the edit out: ⟨gradient, edit⟩.
    func product(_ gradient: AffineGradient) -> Double {
        zip(gradient.factors, factors).reduce(0) { $0 + $1.0 * ($1.1 - 1) }
            + zip(gradient.offset, offset).reduce(0) { $0 + $1.0 * $1.1 }
    }
}

/// The gradient of a loss by what is done to one head's z.
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

/// Parameters that stand for edits of some heads: what is learned.
protocol HeadParameters: Sendable {
    /// The heads that are edited, in order.
    var heads: [Head] { get }
    /// How many random numbers in [0, 1) one step needs; 0 for none.
    var noises: Int { get }
    /// How many parameters there are.
    var count: Int { get }
    /// Parameters to begin with.
    func initial(_ random: inout SeededGenerator) -> [Double]
    /// The edit of each head.
    ///
    /// - Parameter noise: of a step; nil for the edits that are used after learning.
    func edits(_ parameters: [Double], noise: [Double]?) -> [AffineEdit]
    /// The gradient by the parameters, from that by each head's edit.
    func gradient(_ parameters: [Double], noise: [Double]?, of edits: [AffineGradient]) -> [Double]
    /// The gradient of what the parameters themselves cost at a step.
    ///
    /// - Parameter step: from 0.
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
    /// The edits of a run, of these heads.
    func runEdits(of heads: [Head], at positions: PositionRule) -> [Edit] {
        zip(heads, self).flatMap { head, edit in edit.changes.map { .z(head, positions: positions, $0) } }
    }
}

/// `count` draws from the normal distribution around 0.
func gaussians(_ count: Int, deviation: Double, _ random: inout SeededGenerator) -> [Double] {
    (0..<count).map { _ in deviation * random.gaussian() }
}

/// ‖x‖
func norm(_ x: some Sequence<Double>) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
