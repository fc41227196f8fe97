import DataFiles
import Transformer

extension InterventionPlan {
    /// The plan's resolved edits, after applying its rule for behaviours that meet.
    func resolvingOverlaps(_ resolved: [Edit], place: String) throws -> [Edit] {
        guard overlap != .inOrder else { return resolved }
        var result = resolved
        for later in edits.indices {
            let earlier = edits.indices.prefix(later).filter {
                edits[$0].target == edits[later].target && edits[$0].behaviour != edits[later].behaviour
            }
            guard let first = earlier.first else { continue }
            if overlap == .refuse {
                throw InputError.badData(
                    "two behaviours at \(edits[later].target), \(name(first)) and \(name(later))",
                    in: "\(place): edits[\(later)]",
                    remedy: "choose other heads, or another rule for whereBehavioursMeet")
            }
            guard let vector = resolved[later].addedVector else { continue }
            let added = earlier.lazy.compactMap { index in
                result[index].addedVector.map { (now: $0, length: Self.norm(resolved[index].addedVector ?? [])) }
            }
            result[later].change = .add(Self.removing(added, from: vector).map { Float($0) })
        }
        return result
    }

    private func name(_ index: Int) -> String { edits[index].behaviour ?? "one without a name" }

    /// A vector without its components along others, which needn't be orthogonal (modified Gram-Schmidt, each step
    /// twice).
    ///
    /// If less than 10⁻⁶ of a vector's original length is left, the rest is a rounding error of its float32 values. It
    /// has no direction and counts as 0.
    ///
    /// - Parameter others: the other vectors, with their original lengths.
    static func removing(
        _ others: some Sequence<(now: [Double], length: Double)>, from vector: [Double]
    ) -> [Double] {
        var basis: [[Double]] = []
        func without(_ vector: [Double], length: Double) -> [Double]? {
            var rest = vector
            for unit in basis + basis {
                let along = zip(rest, unit).reduce(0) { $0 + $1.0 * $1.1 }
                rest = zip(rest, unit).map { $0 - along * $1 }
            }
            return norm(rest) > 1e-6 * length ? rest : nil
        }
        for other in others {
            // The basis is complete: every other vector is a combination of these.
            guard basis.count < vector.count else { break }
            guard let rest = without(other.now, length: other.length) else { continue }
            let norm = norm(rest)
            basis.append(rest.map { $0 / norm })
        }
        return without(vector, length: norm(vector)) ?? [Double](repeating: 0, count: vector.count)
    }

    private static func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

extension Edit {
    /// The vector that an addition adds.
    fileprivate var addedVector: [Double]? {
        if case .add(let vector) = change { vector.map(Double.init) } else { nil }
    }
}
