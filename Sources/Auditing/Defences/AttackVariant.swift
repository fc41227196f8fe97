import Directions
import Transformer

/// An attack, or what an attacker who knows of a defence turns to instead of it.
struct AttackVariant {
    static let unchanged = "as it is"

    var name: String
    var edits: [Edit]

    init(_ name: String, _ heads: [HeadDirection], sigmas: Double) {
        self.name = name
        edits = heads.map { $0.edit(sigmas: sigmas) }
    }

    /// The attack as it is first, then other heads, more strength, and the same effort spread over more heads.
    ///
    /// - Parameter ranking: all heads, those of the largest effect first.
    static func all(_ heads: [HeadDirection], sigmas: Double, ranking: [HeadDirection]) -> [AttackVariant] {
        let next = Array(
            ranking.filter { other in !other.isZero && !heads.contains { $0.head == other.head } }.prefix(heads.count))
        var variants = [
            AttackVariant(unchanged, heads, sigmas: sigmas),
            AttackVariant("the same heads, twice as far", heads, sigmas: 2 * sigmas),
        ]
        if !next.isEmpty {
            variants.append(AttackVariant("the heads that come next, just as far", next, sigmas: sigmas))
            variants.append(AttackVariant("twice as many heads, half as far", heads + next, sigmas: sigmas / 2))
        }
        return variants
    }
}
