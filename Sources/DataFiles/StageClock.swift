/// How long a stage of some work took.
public struct StageSeconds: Sendable, Codable, Equatable {
    /// The stage's name.
    public var stage: String
    /// How long it took.
    public var seconds: Double
    /// The number of multiplications, each with an addition, in products with weights; nil if nobody counted.
    public var multiplications: Int?
    /// Multiplications per second as a share of what the machine does at best; nil if that isn't known.
    public var shareOfPeak: Double?

    /// A stage that was measured.
    public init(_ stage: String, _ seconds: Double, multiplications: Int? = nil) {
        self.stage = stage
        self.seconds = seconds
        self.multiplications = multiplications
    }

    /// This stage with its share of what the machine does at best.
    ///
    /// - Parameter peak: what the machine does at best, in multiplications per second.
    public func relative(toPeak peak: Double) -> StageSeconds {
        var stage = self
        if let multiplications, peak > 0, seconds > 0 {
            stage.shareOfPeak = Double(multiplications) / seconds / peak
        }
        return stage
    }
}

/// Measures how long stages take.
public struct StageClock {
    private let clock = ContinuousClock()
    private var start: ContinuousClock.Instant
    private let work: () -> Int?
    private var done: Int?
    /// The stages that have ended.
    public private(set) var stages: [StageSeconds] = []

    /// A clock whose first stage begins now.
    ///
    /// - Parameter work: gives how many multiplications have been done so far; nil if nobody counts.
    public init(counting work: @escaping () -> Int? = { nil }) {
        start = clock.now
        self.work = work
        done = work()
    }

    /// Records a stage that was measured elsewhere and begins the next one.
    public mutating func note(_ stage: StageSeconds) {
        stages.append(stage)
        start = clock.now
        done = work()
    }

    /// Ends a stage and begins the next one.
    public mutating func end(_ stage: String) {
        let (now, total) = (clock.now, work())
        let own = total.flatMap { total in done.map { total - $0 } }
        stages.append(StageSeconds(stage, (now - start) / .seconds(1), multiplications: own))
        (start, done) = (now, total)
    }
}
