import DataFiles
import Directions
import Statistics
import Transformer

/// Tries defences against an attack.
struct DefenceMeasurement {
    /// Draws of what is random.
    static let draws = 3
    /// The share of heads that dropout zeroes, and the deviation of noise as a share of a head's norm: both cheap to build in.
    static let dropped = 0.1
    static let noise = 0.3
    /// What the attack's strength is multiplied by for a monitor.
    static let factors = [0.25, 0.5, 1, 2]

    let measurement: RobustnessMeasurement
    /// The heads that the attack moves, by σ times `strength`.
    let heads: [HeadDirection]
    let strength: Double
    /// All heads, those of the largest effect first.
    let ranking: [HeadDirection]
    /// Directions that the defender fitted, on texts of groups that the attacker's are not from.
    let defender: [Head: HeadDirection]
    let seed: UInt64

    func all(
        _ monitor: AuditedMonitor?, onProgress: (_ done: Int, _ of: Int) -> Void
    ) throws -> Defences {
        guard !heads.isEmpty else {
            return Defences(trials: [], notes: ["No attack was found, so no defence was tried."])
        }
        let attack = edits(heads, strength)
        let undefended = try mean(attack)
        let others = Array(ranking.filter { head in !heads.contains { $0.head == head.head } }.prefix(heads.count))
        var trials: [DefenceTrial] = []
        let count = 5 + (monitor == nil ? 0 : 1)
        func add(_ name: String, _ explanation: String, attack: [Edit], _ defences: [[Edit]]) throws {
            var sums = [0.0, 0, 0, 0]
            for defence in defences {
                let cost = try measurement.cost(defence)
                for (index, value) in [try mean(attack + defence), try mean(defence), cost.mean, cost.worst]
                    .enumerated()
                { sums[index] += value / Double(defences.count) }
            }
            trials.append(
                DefenceTrial(
                    name: name, explanation: explanation, attacked: sums[0], undefended: undefended, alone: sums[1],
                    meanKL: sums[2], worstKL: sums[3]))
            onProgress(trials.count, count)
        }
        let hold = heads.compactMap { defender[$0.head] }.filter { !$0.isZero }.map(Self.hold)
        try add(
            "hold at the mean",
            "The component of the attacked heads along the defender's own direction is set to its mean.",
            attack: attack,
            [hold])
        if !others.isEmpty {
            try add(
                "hold at the mean, attacker knows",
                "The attacker moves the heads that come next instead, as far as the first.",
                attack: edits(others, strength), [hold])
        }
        let against = heads.compactMap { defender[$0.head] }.filter { !$0.isZero }
        try add(
            "negative strength", "The same heads are moved the other way along the defender's own directions, as far.",
            attack: attack, [edits(against, -strength)])
        try add(
            "head dropout", "One head in ten is zeroed, the same ones all along; mean of \(Self.draws) draws.",
            attack: attack, (0..<Self.draws).map(dropout))
        try add(
            "noise", "Noise of 0.3 of each head's norm is added to every head; mean of \(Self.draws) draws.",
            attack: attack, (0..<Self.draws).map(noise))
        guard let monitor else {
            return Defences(
                trials: trials,
                notes: [
                    "No monitor was tried: recall at a fixed rate of false alarms, and clamping to the clean range, are "
                        + "not part of this report."
                ])
        }
        try add(
            "clamp to the clean range", "Every head is drawn back into the range of clean texts.", attack: attack,
            [monitor.clamping])
        let points = try Self.factors.map { factor in
            MonitorTrial.Point(factor: factor, flagged: try monitor.flagged(edits(heads, factor * strength)))
        }
        return Defences(
            trials: trials,
            monitor: MonitorTrial(
                falseAlarms: monitor.falseAlarms, cleanFlagged: monitor.cleanFlagged, points: points), notes: [])
    }

    private func edits(_ heads: [HeadDirection], _ strength: Double) -> [Edit] {
        heads.map { $0.edit(sigmas: strength).at(.last) }
    }

    private func mean(_ edits: [Edit]) throws -> Double {
        let changes = try measurement.changes(edits)
        return changes.reduce(0, +) / Double(max(changes.count, 1))
    }

    private static func hold(_ direction: HeadDirection) -> Edit {
        let mean = zip(direction.mean, direction.unit).reduce(0) { $0 + $1.0 * $1.1 }
        return .z(direction.head, positions: .last, .setComponent(direction.unit, mean))
    }

    private func dropout(_ draw: Int) -> [Edit] {
        var random = SeededGenerator(seed: seed &+ UInt64(draw), stream: 33)
        var all = ranking.map(\.head).sorted()
        random.shuffle(&all)
        let count = max(1, Int((Double(all.count) * Self.dropped).rounded()))
        return all.prefix(count).sorted().map { .z($0, positions: .last, .zero) }
    }

    private func noise(_ draw: Int) -> [Edit] {
        var random = SeededGenerator(seed: seed &+ UInt64(draw), stream: 34)
        return ranking.sorted { $0.head < $1.head }.map { head in
            let scale = Self.noise * head.headNorm / Double(head.unit.count).squareRoot()
            return .z(head.head, positions: .last, .add(head.unit.map { _ in Float(scale * random.gaussian()) }))
        }
    }
}
