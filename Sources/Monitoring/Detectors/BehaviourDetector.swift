import DataFiles
import Transformer

/// Measures how much a text shows a behaviour, from z of some heads as it is written.
///
/// The score of a position is the mean over heads of (z · θ̂ − m) / σ, with m and σ the mean and the spread of z · θ̂
/// on clean texts. It is 0 on average over clean positions, and 1 if every head is one clean σ further along its
/// direction.
public struct BehaviourDetector: Sendable, Equatable {
    /// What the detector reads of one head.
    public struct Component: Sendable, Equatable {
        /// The head.
        public var head: Head
        /// θ̂, [D], a unit vector that points towards the behaviour.
        public var direction: [Float]
        /// m, the mean of z · θ̂ on clean texts.
        public var mean: Double
        /// σ, the spread of z · θ̂ on clean texts.
        public var sigma: Double

        /// A head's share of a detector.
        public init(head: Head, direction: [Float], mean: Double, sigma: Double) {
            self.head = head
            self.direction = direction
            self.mean = mean
            self.sigma = sigma
        }
    }

    /// The behaviour's name, as alarms give it.
    public var name: String
    /// The heads that the detector reads, at least one, each once.
    public var components: [Component]
    /// The thresholds that the scores of a text must pass for an alarm, each at the monitor's rate of false alarms per
    /// answer.
    public var thresholds: Aggregates

    /// A detector.
    ///
    /// - Precondition: there is at least one component.
    public init(name: String, components: [Component], thresholds: Aggregates) {
        precondition(!components.isEmpty, "A detector reads at least one head.")
        self.name = name
        self.components = components
        self.thresholds = thresholds
    }
}

/// The aggregates of the scores of a text's positions.
public struct Aggregates: Sendable, Equatable, Codable {
    /// The largest score.
    public var maximum: Double
    /// The mean of all scores so far.
    public var mean: Double
    /// The largest value so far of the exponentially weighted moving average, E ← λ s + (1 − λ) E, with E = s at the
    /// first position.
    public var ewma: Double

    /// The three aggregates of a text's scores, or their thresholds.
    public init(maximum: Double, mean: Double, ewma: Double) {
        self.maximum = maximum
        self.mean = mean
        self.ewma = ewma
    }
}

/// Sums up scores as they come.
struct RunningAggregates {
    private let smoothing: Double
    private var count = 0
    private var sum = 0.0
    private var average = 0.0
    private var maximum = -Double.infinity
    private var largestAverage = -Double.infinity

    /// - Parameter smoothing: λ.
    init(smoothing: Double) { self.smoothing = smoothing }

    mutating func add(_ score: Double) {
        average = count == 0 ? score : smoothing * score + (1 - smoothing) * average
        count += 1
        sum += score
        maximum = max(maximum, score)
        largestAverage = max(largestAverage, average)
    }

    /// The newest moving average.
    var current: Double { average }

    /// The aggregates so far; zeros before the first score.
    var aggregates: Aggregates {
        count == 0
            ? Aggregates(maximum: 0, mean: 0, ewma: 0)
            : Aggregates(maximum: maximum, mean: sum / Double(count), ewma: largestAverage)
    }
}
