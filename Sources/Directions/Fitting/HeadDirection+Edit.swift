import Transformer

extension HeadDirection {
    /// z + strength · σ · θ̂, HSI's edit (Darm & Riccardi 2025, arXiv 2502.05945).
    public func edit(sigmas strength: Double) -> HeadEdit {
        HeadEdit(head, .add(unit.map { Float(strength * sigma * Double($0)) }))
    }

    /// The direction's name in plans and files: `L.H`.
    public var name: String { "\(head)" }
}
