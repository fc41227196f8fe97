import TensorCore
import Transformer

/// What z of all heads looks like on clean texts, and when to raise an alarm: what `headsteer monitor fit` writes.
///
/// It has three parts, all of which only read a forward pass:
///
/// - the *envelope*: how far each head is from what it is on clean texts (``HeadStatistic``). It sees steered and otherwise
///   unusual heads, whoever made them so, at a chosen rate of false alarms;
/// - *consistency*: whether z is the mix of values that the pattern says, attention's output W_O z + b, and the residual stream
///   the sum of what is added (``Inconsistency``). It sees changes of these tensors down to rounding and names the place, and
///   sees nothing of what was changed before them, or of changed weights other than W_O;
/// - *behaviours*: the scores of detectors (``BehaviourDetector``).
public struct HeadMonitor: Sendable {
    /// The only model that it watches.
    public let model: MonitoredModel
    /// Which positions are watched.
    public let positions: WatchedPositions
    /// λ: the weight of the newest position in moving averages.
    public let smoothing: Double
    /// What z of each head is on clean texts.
    public let envelope: HeadEnvelope
    let standards: HeadStandards
    /// ‖y‖² below which nearly all clean z of a head lie, [L, H]: the range that a head is steered back to.
    public let radii: [Float]
    /// What the output projections give along a random direction.
    public let signature: OutputSignature
    var tolerances: ConsistencyTracker.Tolerances
    /// Fixes the random directions of consistency checks.
    let seed: UInt64
    /// The behaviours that it watches for.
    public internal(set) var detectors: [BehaviourDetector]
    /// The score that a position has to pass for an alarm.
    public internal(set) var tokenThreshold: Double
    /// The score that one position of a text has to pass for the text to be flagged.
    public internal(set) var answerThreshold: Double
    /// What it was fitted on.
    public internal(set) var record: FitRecord
}

extension HeadMonitor {
    /// What of a model's output projections differs from that of the monitor's own model: heads whose columns of W_O do, and
    /// layers whose bias does. Edits that were baked into a file show here.
    ///
    /// O(L · M · H · D).
    public func changedProjections(of other: LanguageModel, workers: WorkerPool) -> (heads: [Head], biases: [Int]) {
        OutputSignature(other, seed: seed, workers: workers).differences(
            from: signature, heads: model.heads, headSize: model.headSize)
    }
}

/// The model that a monitor was fitted on: it watches no other one.
public struct MonitoredModel: Sendable, Equatable {
    /// `sha256:…`, see `LanguageModel.fingerprint`.
    public var fingerprint: String
    /// The family, as ``ModelConfiguration/architecture`` spells it.
    public var architecture: String
    /// L
    public var layers: Int
    /// H, query heads of a layer.
    public var heads: Int
    /// D
    public var headSize: Int
    /// M
    public var width: Int
    /// How products are computed: fast precision rounds otherwise, and so has other tolerances.
    public var precision: Precision

    /// That model, computing as it does at this moment.
    /// - Parameter fingerprint: see ``LanguageModel/fingerprint(workers:)``; it reads all weights, so compute it
    ///   once.
    public init(_ model: LanguageModel, fingerprint: String) {
        let c = model.configuration
        self.init(
            fingerprint: fingerprint, architecture: c.architecture, layers: c.layers, heads: c.heads,
            headSize: c.headSize, width: c.width, precision: model.precision)
    }

    init(
        fingerprint: String, architecture: String, layers: Int, heads: Int, headSize: Int, width: Int,
        precision: Precision
    ) {
        self.fingerprint = fingerprint
        self.architecture = architecture
        self.layers = layers
        self.heads = heads
        self.headSize = headSize
        self.width = width
        self.precision = precision
    }
}

/// Which positions of a text are watched. The very first position is not: it can attend to itself alone.
public enum WatchedPositions: String, Sendable, Codable, CaseIterable {
    /// The last prompt token and each one after it: those that choose what is written.
    case last
    /// Those after the prompt.
    case generated
    /// The prompt's too.
    case all

    var rule: PositionRule {
        switch self {
        case .last: .last
        case .generated: .generated
        case .all: .all
        }
    }

    /// The first watched position of a text.
    func first(promptCount: Int) -> Int {
        switch self {
        case .last: max(1, promptCount - 1)
        case .generated: promptCount
        case .all: 1
        }
    }
}

/// What a monitor was fitted on, for people.
public struct FitRecord: Sendable, Equatable, Codable {
    /// The numbers of texts and groups that the envelope was fitted on, and of those that thresholds were found on.
    public var fitTexts: Int
    /// See ``fitTexts``.
    public var fitGroups: Int
    /// The watched positions of those texts.
    public var fitTokens: Int
    /// See ``fitTexts``.
    public var calibrationTexts: Int
    /// See ``fitTexts``.
    public var calibrationGroups: Int
    /// The watched positions of the texts that thresholds were found on.
    public var calibrationTokens: Int
    /// The rate of false alarms that was asked for, per token and per answer.
    public var falseAlarms: Double
    /// The share of calibration tokens and texts that the thresholds flag.
    public var tokenRate: Double
    /// See ``tokenRate``.
    public var answerRate: Double
    /// The mean weight of the target in the shrunk covariances.
    public var shrinkage: Double
    /// How many tokens of each text the model wrote itself; nil where texts were read as they are.
    public var writtenTokens: Int?
    /// What else to know: the data's name and digest, template, program.
    public var provenance: [String: String]
}
