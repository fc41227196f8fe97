import Transformer

/// How similar the directions of two edits of a plan are.
public struct DirectionCosine: Sendable, Codable, Equatable {
    /// The index of the first edit in the plan.
    public var first: Int
    /// The index of the second edit in the plan, which comes after ``first``.
    public var second: Int
    /// The cosine of the two directions in z; nil if the edits are not of the same head.
    public var z: Double?
    /// The cosine of what the two directions write to the residual stream, W_O[:, h] · θ, or for a layer's site the
    /// direction itself.
    ///
    /// Edits of different layers write to the residual stream at different depths.
    public var residual: Double
}

extension LoadedPlan {
    /// The cosines of all pairs of edits that have a direction, in the order of the plan.
    ///
    /// A cosine near 1 shows that two edits push the same way; two behaviours of one plan are then hardly two. A cosine
    /// near −1 shows that they work against each other.
    ///
    /// - Complexity: O(n² M + n M D) with n edits.
    /// - Throws: what ``edits(_:)`` throws.
    public func directionCosines(_ model: LanguageModel) throws -> [DirectionCosine] {
        struct Direction {
            var index: Int
            var own: [Double]
            var residual: [Double]
        }
        let all = try plan.edits.enumerated().compactMap { index, edit -> Direction? in
            guard edit.direction != nil, edit.operation.movesAlongDirection else { return nil }
            let unit = try resolver(
                index, headSize: model.configuration.headSize, width: model.configuration.width
            ).unit()
            guard let head = edit.head else { return Direction(index: index, own: unit, residual: unit) }
            let output = model.outputProjection(layer: head.layer, head: head.index)
            let residual = (0..<output.rows).map { row in
                zip(output.row(row), unit).reduce(0.0) { $0 + Double($1.0) * $1.1 }
            }
            return Direction(index: index, own: unit, residual: residual)
        }
        func cosine(_ a: [Double], _ b: [Double]) -> Double {
            func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
            let norms = (dot(a, a) * dot(b, b)).squareRoot()
            return norms > 0 ? dot(a, b) / norms : 0
        }
        return all.indices.flatMap { a in
            all.indices.dropFirst(a + 1).map { b in
                let target = plan.edits[all[a].index].target
                let sameHead = target.head != nil && target == plan.edits[all[b].index].target
                return DirectionCosine(
                    first: all[a].index, second: all[b].index, z: sameHead ? cosine(all[a].own, all[b].own) : nil,
                    residual: cosine(all[a].residual, all[b].residual))
            }
        }
    }
}
