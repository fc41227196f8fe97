/// A defence against the cheapest attack, and what it costs.
public struct DefenceTrial: Sendable, Codable, Equatable {
    /// `hold at the clean mean`.
    public var name: String
    /// What it does and whether the attacker knows of it.
    public var explanation: String
    /// The mean change of the test items under attack and defence, against the model without either.
    public var attacked: Double
    /// What the attack does without a defence.
    public var undefended: Double
    /// The mean change under the defence alone.
    public var alone: Double
    /// KL on neutral text of the defence alone: its mean, and over the worst twentieth of the tokens.
    public var meanKL: Double
    public var worstKL: Double

    /// The share of the attack's change that is left.
    public var left: Double { undefended == 0 ? 0 : attacked / undefended }
}

/// What a monitor sees of the attack at growing strength.
public struct MonitorTrial: Sendable, Codable, Equatable {
    public struct Point: Sendable, Codable, Equatable {
        /// What the attack's strength is multiplied by.
        public var factor: Double
        /// The share of texts written under it that are flagged.
        public var flagged: Double
    }

    public var falseAlarms: Double
    /// The share of clean texts that are flagged.
    public var cleanFlagged: Double
    public var points: [Point]
}

/// All that was tried.
public struct Defences: Sendable, Codable, Equatable {
    public var trials: [DefenceTrial]
    /// nil: no monitor was tried.
    public var monitor: MonitorTrial?
    /// What was left out, and why.
    public var notes: [String]
}
