import Transformer

/// The order in which a layer of B has A's heads, if it isn't the same.
public struct HeadOrder: Sendable, Codable, Equatable {
    /// The layer, from 0.
    public var layer: Int
    /// For each projection whose heads or rows are in another order, where B has each of A's query heads (W_Q, W_O) or
    /// key-value heads (W_K, W_V).
    public var heads: [String: [Int]]
    /// The projections whose rows (for W_O, columns) are in another order within heads too.
    public var within: [String]
    /// Whether all projections are in one order, so that the layer computes the same as before.
    public var keepsFunction: Bool
    /// Where B has each query head of A.
    public var queryHeads: [Int]
}

/// Finds which head of B corresponds to each head of A.
struct HeadMatching {
    /// For each query head and each key-value head of A, the corresponding one of B.
    let queryHeads: [Int]
    let kvHeads: [Int]
    /// The order, if it isn't the same.
    let order: HeadOrder?

    /// A cosine from here on means the same head; heads of one model have cosines near 0 to each other.
    private static let same = 0.5

    init(layer: Int, _ passes: [AttentionProjection: ProjectionPass], groups: HeadGroups) {
        // Each projection by itself: its heads, and its lines.
        var found: [String: [Int]] = [:]
        var within: [String] = []
        var lines: [AttentionProjection: [Int]] = [:]
        for (projection, pass) in passes {
            let best = Self.moved(pass)
            if let best { found[projection.rawValue] = best }
            if let order = pass.order {
                lines[projection] = order
                if !Self.isOfWholeHeads(order, size: groups.headSize) { within.append(projection.rawValue) }
            }
        }
        // Together: key-value heads with their query heads.
        let (queryHeads, kvHeads) = Self.match(passes, groups)
        let isInPlace = queryHeads == Array(0..<groups.heads) && kvHeads == Array(0..<groups.kvHeads)
        self.queryHeads = queryHeads
        self.kvHeads = kvHeads
        guard !found.isEmpty || !within.isEmpty else {
            order = nil
            return
        }
        func head(_ projection: AttentionProjection, _ head: Int) -> Int { found[projection.rawValue]?[head] ?? head }
        let isOneOrder =
            (0..<groups.heads).allSatisfy { head(.query, $0) == queryHeads[$0] && head(.output, $0) == queryHeads[$0] }
            && (0..<groups.kvHeads).allSatisfy { head(.key, $0) == kvHeads[$0] && head(.value, $0) == kvHeads[$0] }
        order = HeadOrder(
            layer: layer, heads: found, within: within.sorted(),
            keepsFunction: isOneOrder && Self.keepValues(within, lines, queryHeads, kvHeads, groups)
                && (isInPlace || !found.isEmpty),
            queryHeads: queryHeads)
    }

    /// The heads of one projection, if they are found in other places.
    private static func moved(_ pass: ProjectionPass) -> [Int]? {
        let all = 0..<pass.heads
        guard all.contains(where: { pass.cosine($0, $0) < same }) else { return nil }
        let best = Assignment.best(all.map { i in all.map { pass.cosine(i, $0) } })
        // A head that is like none of the others is a changed one, in its own place.
        let moves = all.contains { best[$0] != $0 && pass.cosine($0, best[$0]) >= same }
        guard moves else { return nil }
        return best
    }

    /// The heads of all projections together.
    private static func match(
        _ passes: [AttentionProjection: ProjectionPass], _ groups: HeadGroups
    ) -> (queryHeads: [Int], kvHeads: [Int]) {
        func cosine(_ projection: AttentionProjection, _ i: Int, _ j: Int) -> Double {
            passes[projection]?.cosine(i, j) ?? 0
        }
        func inner(_ kv: Int, _ other: Int) -> (order: [Int], score: Double) {
            let (mine, others) = (Array(groups.heads(of: kv)), Array(groups.heads(of: other)))
            let scores = mine.map { i in others.map { cosine(.query, i, $0) + cosine(.output, i, $0) } }
            let best = Assignment.best(scores)
            let sum = best.indices.reduce(0) { $0 + scores[$1][best[$1]] }
            return (best.map { others[$0] }, sum / Double(mine.count))
        }
        let all = 0..<groups.kvHeads
        var orders: [[[Int]]] = []
        let scores = all.map { kv -> [Double] in
            let found = all.map { inner(kv, $0) }
            orders.append(found.map(\.order))
            return all.map { cosine(.key, kv, $0) + cosine(.value, kv, $0) + found[$0].score }
        }
        let kvHeads = Assignment.best(scores)
        let identity = all.reduce(0) { $0 + scores[$1][$1] }
        let best = all.reduce(0) { $0 + scores[$1][kvHeads[$1]] }
        let queryHeads = all.flatMap { orders[$0][kvHeads[$0]] }
        let straight = (0..<groups.heads).reduce(0) { $0 + cosine(.query, $1, $1) + cosine(.output, $1, $1) }
        let crossed = (0..<groups.heads).reduce(0) {
            $0 + cosine(.query, $1, queryHeads[$1]) + cosine(.output, $1, queryHeads[$1])
        }
        // Heads that fit as well in their own places stay there.
        guard best > identity + same || crossed > straight + same else {
            return (Array(0..<groups.heads), Array(all))
        }
        return (queryHeads, kvHeads)
    }

    private static func isOfWholeHeads(_ order: [Int], size: Int) -> Bool {
        stride(from: 0, to: order.count, by: size).allSatisfy { start in
            order[start] % size == 0 && (0..<size).allSatisfy { order[start + $0] == order[start] + $0 }
        }
    }

    /// Whether values within heads are in the same order where they are written and where they are read, and queries
    /// and keys in the order that rotation needs.
    private static func keepValues(
        _ within: [String], _ lines: [AttentionProjection: [Int]], _ queryHeads: [Int], _ kvHeads: [Int],
        _ groups: HeadGroups
    ) -> Bool {
        if within.isEmpty { return true }
        // Queries and keys whose values change places are rotated by other frequencies.
        guard !within.contains("query"), !within.contains("key"), let values = lines[.value],
            let outputs = lines[.output]
        else { return false }
        let size = groups.headSize
        return (0..<groups.heads).allSatisfy { head in
            let kv = groups.kvHead(of: head)
            return (0..<size).allSatisfy { value in
                values[kv * size + value] - kvHeads[kv] * size
                    == outputs[head * size + value] - queryHeads[head] * size
            }
        }
    }
}
