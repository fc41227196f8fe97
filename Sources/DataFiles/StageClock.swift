/// How long a stage of some work took.
public struct StageSeconds: Sendable, Codable, Equatable {
    /// What was done.
    public var stage: String
    /// How long it took.
    public var seconds: Double

    /// A stage that was measured.
    public init(_ stage: String, _ seconds: Double) {
        self.stage = stage
        self.seconds = seconds
    }
}

/// Measures how long stages take.
public struct StageClock {
    private let clock = ContinuousClock()
    private var start: ContinuousClock.Instant
    /// The stages that have ended.
    public private(set) var stages: [StageSeconds] = []

    /// A clock whose first stage begins.
    public init() { start = clock.now }

    /// Notes a stage that was measured elsewhere; the next one begins.
    public mutating func note(_ stage: StageSeconds) {
        stages.append(stage)
        start = clock.now
    }

    /// Ends a stage; the next one begins.
    public mutating func end(_ stage: String) {
        let now = clock.now
        stages.append(StageSeconds(stage, (now - start) / .seconds(1)))
        start = now
    }
}
