import DataFiles

/// The results of repeated measurements: the median and the range.
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

/// Measurements of two sides that took turns.
struct Pairing {
    /// The rates of each round, in units of work per second.
    var own: [Double] = []
    var peer: [Double] = []

    /// own ÷ peer for each round; a temporary slowdown of the machine affects both.
    var ratio: Spread { Spread(zip(own, peer).map { $0 / $1 }) }

    /// Measures both sides in turn, after a first run of each that doesn't count.
    ///
    /// - Parameters:
    ///   - rounds: the number of rounds, at least one.
    ///   - isWarm: whether both sides have just run, so that all runs count.
    ///   - own, peer: do the work and return the seconds that it took.
    ///   - ownWork, peerWork: the amount of work, in the unit of the rates.
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
