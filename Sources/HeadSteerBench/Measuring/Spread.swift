import DataFiles

/// What repeated measurements gave: the median, and how far they lie apart.
struct Spread: Equatable {
    var median: Double
    var lowest: Double
    var highest: Double

    /// - Parameter samples: at least one.
    init(_ samples: [Double]) {
        precondition(!samples.isEmpty, "A spread needs at least one measurement.")
        let sorted = samples.sorted()
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        lowest = sorted[0]
        highest = sorted[sorted.count - 1]
    }
}

/// Measurements of two rivals that took turns.
struct Pairing {
    /// The rate of each round, in units of work a second.
    var own: [Double] = []
    var peer: [Double] = []

    /// own ÷ peer of each round: what slows the machine down for a while slows both.
    var ratio: Spread { Spread(zip(own, peer).map { $0 / $1 }) }

    /// Measures both in turn, after one run of each that doesn't count.
    ///
    /// - Parameters:
    ///   - rounds: at least one.
    ///   - isWarm: whether both have just run, so that no run is left out.
    ///   - own, peer: do the work and return the seconds that it took.
    ///   - ownWork, peerWork: how much work, in the unit of the rates.
    static func alternate(
        rounds: Int, ownWork: Double, peerWork: Double, isWarm: Bool = false, own: () throws -> Double,
        peer: () throws -> Double
    ) rethrows -> Pairing {
        precondition(rounds >= 1, "A comparison needs at least one round, not \(rounds).")
        if !isWarm {
            _ = try own()
            _ = try peer()
        }
        var pairing = Pairing()
        for _ in 0..<rounds {
            pairing.own.append(ownWork / (try own()))
            pairing.peer.append(peerWork / (try peer()))
        }
        return pairing
    }
}
