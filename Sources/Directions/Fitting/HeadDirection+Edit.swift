import DataFiles
import Transformer

extension HeadDirection {
    /// The edit z + strength · σ · θ̂ at some positions, as in HSI (Darm & Riccardi 2025, arXiv 2502.05945).
    ///
    /// - Parameters:
    ///   - strength: in units of ``sigma``; negative for the opposite of the class `true`. HSI finds 1 to 20 useful.
    ///   - positions: by default `last`, the last prompt token and every generated one, as in HSI.
    public func edit(sigmas strength: Double, at positions: PositionRule = .last) -> Edit {
        headEdit(sigmas: strength).at(positions)
    }

    /// The same change without positions, for ``PromptVariants`` and sweeps, which edit the last position.
    ///
    /// It goes along ``vector`` and is bit for bit the same as an `add` in `sigma` along the direction as a file keeps
    /// it, whose σ is a float32.
    public func headEdit(sigmas strength: Double) -> HeadEdit {
        let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        let factor = strength * Double(Float(sigma))
        return HeadEdit(head, .add(vector.map { norm > 0 ? Float(factor * (Double($0) / norm)) : 0 }))
    }

    /// The direction's name in plans and files: `L.H`.
    public var name: String { "\(head)" }
}

extension Collection<HeadDirection> {
    /// The direction of one head; O(n).
    ///
    /// - Throws: `InputError` of the kind `.usage` if there is none, since the head usually comes from a user.
    public subscript(head head: Head) -> HeadDirection {
        get throws {
            guard let direction = first(where: { $0.head == head }) else {
                throw InputError.usage(
                    "no direction of head \(head)",
                    remedy: "there are \(count) directions, beginning with \(first.map(\.name) ?? "none")")
            }
            return direction
        }
    }
}
