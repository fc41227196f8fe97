import Probing
import Transformer

extension HeadDirection {
    /// z + strength · σ · θ̂, HSI's edit (Darm & Riccardi 2025, arXiv 2502.05945).
    public func edit(sigmas strength: Double) -> HeadEdit {
        HeadEdit(head, .add(unit.map { Float(strength * sigma * Double($0)) }))
    }

    /// The direction's name in plans and files: `L.H`.
    public var name: String { "\(head)" }
}

extension DirectionFile {
    /// The directions of heads with the values that edits in any unit need.
    ///
    /// - Parameter residualNorms: the mean norm of the residual stream before each layer, [L].
    public init(_ directions: [HeadDirection], residualNorms: [Double]) {
        self.init()
        for direction in directions {
            add(
                direction.name,
                Entry(
                    vector: direction.vector, sigma: Float(direction.sigma), mean: direction.mean,
                    headNorm: Float(direction.headNorm), residualNorm: Float(residualNorms[direction.head.layer]),
                    threshold: Float(direction.threshold)))
        }
    }
}
