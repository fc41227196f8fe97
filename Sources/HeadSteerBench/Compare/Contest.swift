/// A piece of work that we and several rivals do, each in turn with us.
struct Contest {
    /// The name of the work.
    var work: String
    /// The amount of work that we do and that a rival does, in tokens.
    var ownWork: Int
    var rivalWork: Int
    /// The request to a rival.
    var operation: String
    var fields: [String: Any]
    /// Does our part and returns the seconds that it took.
    var own: () throws -> Double

    /// Measures against each of some rivals.
    ///
    /// - Parameters:
    ///   - goals: the goals against single rivals.
    ///   - best: the goal against the fastest of all, whichever it is.
    /// - Returns: a row for each rival, including those that can't run and, if more than one ran, a row for the best of
    ///   them.
    /// - Throws: errors other than `InputError`.
    func rows(
        _ comparison: Comparison, against rivals: [Rival] = Rival.allCases, goals: [Rival: Goal] = [:],
        best: Goal? = nil
    ) throws -> [CompareRow] {
        var measured: [(name: String, pairing: Pairing)] = []
        var rows: [CompareRow] = []
        for rival in rivals {
            let goal = goals[rival]
            rows.append(
                try .measured(work, peer: rival.name(features: []), goal: goal) {
                    let peer = try comparison.peers.rival(rival)
                    let pairing = try pairing(with: peer, rounds: comparison.rounds)
                    measured.append((peer.name, pairing))
                    return CompareRow(work, pairing, unit: "tokens/s", peer: peer.name, goal: goal)
                })
            if comparison.keepsOneRival { comparison.peers.close(rival) }
        }
        if measured.count > 1, let fastest = measured.min(by: { $0.pairing.ratio.median < $1.pairing.ratio.median }) {
            rows.append(
                CompareRow(
                    work, fastest.pairing, unit: "tokens/s", peer: "the best of \(measured.count): \(fastest.name)",
                    goal: best))
        }
        return rows
    }

    /// How many times slower than us a rival must be for one round to suffice.
    private static let farBehind = 5.0

    /// Measures against one peer.
    ///
    /// One round suffices if the peer's first run, which doesn't count, takes many times as long as ours.
    func pairing(with peer: Peer, rounds: Int) throws -> Pairing {
        let first = (own: try own(), peer: try peer.seconds(operation, fields))
        return try Pairing.alternate(
            rounds: first.peer > Self.farBehind * first.own ? 1 : rounds, ownWork: Double(ownWork),
            peerWork: Double(rivalWork), isWarm: true, own: own,
            peer: { try peer.seconds(operation, fields) })
    }
}
