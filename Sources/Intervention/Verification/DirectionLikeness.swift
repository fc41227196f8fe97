import Directions
import Transformer

/// Describes a vector that isn't the expected one, by the usual mistakes of steering code.
struct DirectionLikeness {
    /// Other directions by name, for finding the head that a vector belongs to.
    let others: [(name: String, vector: [Double])]

    /// The smallest cosine at which two directions count as the same.
    private static let same = 0.99

    /// A note on what a vector is instead of the expected one; nil if it looks like nothing known.
    ///
    /// - Parameters:
    ///   - name: the name of the vector that was found; the note never mentions this name.
    ///   - isNamedBy: the words before the names of other directions: `the direction of`.
    func note(
        found: [Double], expected: [Double], besides name: String, isNamedBy: String = "the direction of"
    ) -> String? {
        let cosine = cosine(found, expected)
        if cosine <= -Self.same { return "the opposite sign" }
        if cosine >= Self.same {
            guard norm(expected) > 0 else { return nil }
            return lengthNote(norm(found) / norm(expected))
        }
        if let order = Self.orders(found.count).first(where: { order in
            Intervention.cosine(order.indices.map { found[$0] }, expected) >= Self.same
        }) {
            return order.note
        }
        let named = others.first { other in
            other.name != name && other.vector.count == found.count
                && abs(Intervention.cosine(other.vector, found)) >= Self.same
        }
        if let named { return "\(isNamedBy) \(named.name)" }
        let wanted = others.first { other in
            other.name != name && other.vector.count == found.count
                && abs(Intervention.cosine(other.vector, expected)) >= Self.same
        }
        return wanted.map { "the expected one is \(isNamedBy) \($0.name)" }
    }

    private func lengthNote(_ ratio: Double) -> String? {
        for factor in [2.0, 3, 4] where abs(ratio - factor) < 1e-3 * factor {
            return "applied \(Int(factor)) times"
        }
        return nil
    }

    /// Orders in which other programs store the values of a vector: `found[indices]` are the values in the right order.
    private static func orders(_ count: Int) -> [(indices: [Int], note: String)] {
        guard count.isMultiple(of: 2), count >= 4 else { return [] }
        let half = count / 2
        return [
            (
                (0..<count).map { $0 < half ? 2 * $0 : 2 * ($0 - half) + 1 },
                "its values are in the order of interleaved rotation, as llama.cpp's converter stores queries and keys"
            ),
            (
                (0..<count).map { $0 % 2 == 0 ? $0 / 2 : half + $0 / 2 },
                "its values are in the order of rotation by halves, as Hugging Face stores queries and keys"
            ),
            ((0..<count).map { count - 1 - $0 }, "its values are in reverse order"),
        ]
    }
}
