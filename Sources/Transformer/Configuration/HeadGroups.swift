/// Which query heads share a key-value head (Ainslie et al. 2023, arXiv 2305.13245), and where a head's values are in a
/// row.
public struct HeadGroups: Sendable, Hashable {
    /// H
    public let heads: Int
    /// K
    public let kvHeads: Int
    /// D
    public let headSize: Int

    /// H / K, the number of query heads that share a key-value head.
    public var size: Int { heads / kvHeads }

    /// The key-value head that a query head reads.
    public func kvHead(of head: Int) -> Int { head / size }

    /// The query heads that read a key-value head.
    public func heads(of kvHead: Int) -> Range<Int> { (kvHead * size)..<((kvHead + 1) * size) }

    /// The start of a query head's values in rows of [H, D].
    @inline(__always)
    package func offset(row: Int, head: Int) -> Int { (row &* heads &+ head) &* headSize }

    /// The start of a key-value head's values in rows of [K, D].
    @inline(__always)
    package func kvOffset(row: Int, kvHead: Int) -> Int { (row &* kvHeads &+ kvHead) &* headSize }
}
