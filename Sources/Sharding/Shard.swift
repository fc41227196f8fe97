import DataFiles

/// One of N shares of some work, written `3/8` for the third of eight.
///
/// The work consists of parts that don't depend on each other, numbered from 0. The parts are dealt out in turn,
/// because heads of late layers cost less than heads of early ones. Every shard then gets parts from all layers.
public struct Shard: Sendable, Hashable {
    /// The number of this shard, from 1.
    public let index: Int
    /// The number of shards, N.
    public let count: Int

    /// The largest number of shards that work can be divided into.
    public static let most = 100_000

    /// Makes a shard from its number and the number of shards.
    ///
    /// - Precondition: `index` is from 1 to `count`, and `count` is at most ``most``.
    public init(_ index: Int, of count: Int) {
        precondition((1...Self.most).contains(count), "The number of shards is from 1 to \(Self.most), not \(count).")
        precondition((1...count).contains(index), "A shard's number is from 1 to \(count), not \(index).")
        self.index = index
        self.count = count
    }

    /// Whether a part belongs to this shard.
    ///
    /// - Parameter part: the part's number, from 0.
    public func owns(_ part: Int) -> Bool { part % count == index - 1 }
}

extension Shard: LosslessStringConvertible {
    public var description: String { "\(index)/\(count)" }

    /// Reads a shard from its written form; nil for anything else, such as `0/8`, `9/8` or `03/8`.
    public init?(_ description: String) {
        let numbers = description.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let index = numbers[0], let count = numbers[1], (1...Self.most).contains(count),
            (1...count).contains(index)
        else { return nil }
        self.init(index, of: count)
        guard self.description == description else { return nil }
    }
}
