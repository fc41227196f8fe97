/// A defence against the cheapest attack, and what it costs.
public struct DefenceTrial: Sendable, Codable, Equatable {
    /// `hold at the mean`.
    public var name: String
    /// What it does.
    public var explanation: String
    /// The mean change of the test items under attack and defence, against the model without either.
    public var attacked: Double
    /// What the attack does without a defence.
    public var undefended: Double
    /// The mean change under the defence alone.
    public var alone: Double
    /// KL on neutral text of the defence alone: its mean, and over the worst twentieth of the tokens.
    public var meanKL: Double
    /// See ``meanKL``.
    public var worstKL: Double
    /// How far the attack still moves the defended model, as a share of how far it moves the undefended one: what the
    /// defence itself moves, without an attack, isn't counted.
    public var left: Double
    /// What an attacker who knows of the defence gets.
    public var knowing: KnowingAttack
}

/// The best that an attacker who knows of a defence does against it, of a few variants of the attack that stay within the
/// budget of cost.
public struct KnowingAttack: Sendable, Codable, Equatable {
    /// `the same heads, twice as far`; `as it is` where no variant does more.
    public var name: String
    /// The mean change of the test items under it and the defence, against the model without either.
    public var attacked: Double
    /// How far it moves the defended model, as a share of how far the attack moves the undefended one.
    public var left: Double
}

/// What a monitor sees of the attack.
public struct MonitorTrial: Sendable, Codable, Equatable {
    /// What the monitor sees of one attack.
    public struct Point: Sendable, Codable, Equatable {
        /// `as it is`, `half as far`.
        public var attack: String
        /// The mean change of the test items.
        public var change: Double
        /// The share of texts written under it that are flagged, by anything that the monitor looks at.
        public var flagged: Double
        /// By the range of clean texts alone, without the checks of sums, which see any edit of a running model.
        public var envelope: Double
    }

    /// The rate of false alarms that it was fitted for, per answer.
    public var falseAlarms: Double
    /// How many texts are written under each attack.
    public var texts: Int
    /// The share of clean texts, apart from those that the monitor was fitted on, that are flagged.
    public var cleanFlagged: Double
    /// The attack at growing strength, and the variants that an attacker who knows may turn to.
    public var points: [Point]

    /// What it sees of the attack as it is.
    public var unchanged: Point? { points.first { $0.attack == AttackVariant.unchanged } }
}

/// All that was tried.
public struct Defences: Sendable, Codable, Equatable {
    /// Every defence that was tried.
    public var trials: [DefenceTrial]
    /// nil: no monitor was tried.
    public var monitor: MonitorTrial?
    /// What was left out, and why.
    public var notes: [String]
}
