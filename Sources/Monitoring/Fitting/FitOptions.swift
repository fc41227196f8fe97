import DataFiles
import Transformer

/// How a monitor is fitted.
public struct FitOptions: Sendable {
    /// α: the expected share of clean tokens that raise an alarm, and of clean answers that are flagged; 1 % by
    /// default.
    public var falseAlarms: Double
    /// The positions that are watched; by default the last prompt token and each one after it.
    public var positions: WatchedPositions
    /// λ: the weight of the newest position in moving averages.
    ///
    /// The default, 0.1, remembers about twenty tokens: long enough to see a small change that stays, and short enough
    /// for answers of a few sentences.
    public var smoothing: Double
    /// Fixes which texts are fitted on, what the model writes, and the random directions of consistency checks.
    public var seed: UInt64

    /// Options; each property explains its default.
    ///
    /// - Precondition: the rate is above 0 and below 1; the newest position's weight is above 0 and at most 1.
    public init(
        falseAlarms: Double = 0.01, positions: WatchedPositions = .last, smoothing: Double = 0.1, seed: UInt64 = 0
    ) {
        precondition(
            falseAlarms > 0 && falseAlarms < 1, "A rate of false alarms is between 0 and 1, not \(falseAlarms).")
        precondition(smoothing > 0 && smoothing <= 1, "The newest position's weight is above 0 and at most 1.")
        self.falseAlarms = falseAlarms
        self.positions = positions
        self.smoothing = smoothing
        self.seed = seed
    }
}

/// A behaviour to watch for: a direction at some heads.
public struct BehaviourDirections: Sendable, Equatable {
    /// The behaviour's name, as alarms give it.
    public var name: String
    /// Unit vectors that point towards the behaviour, each head once.
    public var directions: [(head: Head, unit: [Float])]

    /// A behaviour's directions.
    ///
    /// - Precondition: there is a direction at one head or more.
    public init(name: String, directions: [(head: Head, unit: [Float])]) {
        precondition(!directions.isEmpty, "A behaviour has a direction at one head or more.")
        self.name = name
        self.directions = directions
    }

    public static func == (first: BehaviourDirections, second: BehaviourDirections) -> Bool {
        first.name == second.name
            && first.directions.elementsEqual(second.directions) { $0.head == $1.head && $0.unit == $1.unit }
    }
}
