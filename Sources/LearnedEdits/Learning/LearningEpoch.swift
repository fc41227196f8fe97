/// The state of learning after an epoch.
public struct LearningEpoch: Sendable, Codable, Equatable {
    /// The number of passes over the data so far; 0 before learning.
    public var epoch: Int
    /// The mean loss of the steps of this epoch, in nats; nil before learning.
    public var loss: Double?
    /// The mean loss of the items that decide when to stop.
    public var stopLoss: Double
    /// The mean change of the difference d on these items.
    public var stopChange: Double
    /// KL(unedited ‖ edited) on neutral texts, in nats a token.
    public var neutralKL: Double
}

/// The course of one stage of learning.
public struct LearningCurve: Sendable, Codable, Equatable {
    /// The stage's name, such as `offsets`.
    public var stage: String
    /// All epochs, from 0.
    public var epochs: [LearningEpoch]
    /// The epoch whose parameters were taken.
    public var taken: Int
}
