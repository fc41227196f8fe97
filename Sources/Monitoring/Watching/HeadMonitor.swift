import TensorCore
import Transformer

/// What z of all heads looks like on clean texts, and when to raise an alarm, as `headsteer monitor fit` writes it.
///
/// It has three parts, all of which only read a forward pass:
///
/// - the *envelope*: how far each head is from what it is on clean texts (``HeadStatistic``). It sees steered and
///   otherwise unusual heads, whatever made them so, at a chosen rate of false alarms;
/// - *consistency*: whether z is the mix of values that the pattern gives, attention's output is W_O z + b, and the
///   residual stream is the sum of what is added (``Inconsistency``). It sees changes of these tensors down to rounding
///   and names the place. It doesn't see what was changed before them, or changed weights other than W_O;
/// - *behaviours*: the scores of detectors (``BehaviourDetector``).
public struct HeadMonitor: Sendable {
    /// The only model that the monitor watches.
    public let model: MonitoredModel
    /// The positions that are watched.
    public let positions: WatchedPositions
    /// λ: the weight of the newest position in moving averages.
    public let smoothing: Double
    /// What z of each head looks like on clean texts.
    public let envelope: HeadEnvelope
    let standards: HeadStandards
    /// The ‖y‖² below which nearly all clean z of a head lie, [L, H]: the range that a head is steered back to.
    public let radii: [Float]
    /// The output projections along a random direction.
    public let signature: OutputSignature
    var tolerances: ConsistencyTracker.Tolerances
    /// Fixes the random directions of consistency checks.
    let seed: UInt64
    /// The behaviours that the monitor watches for.
    public internal(set) var detectors: [BehaviourDetector]
    /// The score that a position must pass for an alarm.
    public internal(set) var tokenThreshold: Double
    /// The score that one position of a text must pass for the text to be flagged.
    public internal(set) var answerThreshold: Double
    /// The record of what the monitor was fitted on.
    public internal(set) var record: FitRecord
}

extension HeadMonitor {
    /// Compares a model's output projections with those of the monitor's own model: the heads whose columns of W_O
    /// differ, and the layers whose bias differs.
    ///
    /// Edits that were baked into a file show here. O(L · M · H · D).
    public func changedProjections(of other: LanguageModel, workers: WorkerPool) -> (heads: [Head], biases: [Int]) {
        OutputSignature(other, seed: seed, workers: workers).differences(
            from: signature, heads: model.heads, headSize: model.headSize)
    }
}

/// The model that a monitor was fitted on, which is the only one that it watches.
public struct MonitoredModel: Sendable, Equatable {
    /// The fingerprint, `sha256:…`; see `LanguageModel.fingerprint`.
    public var fingerprint: String
    /// The family, as ``ModelConfiguration/architecture`` spells it.
    public var architecture: String
    /// L, the number of layers.
    public var layers: Int
    /// H, the number of query heads in a layer.
    public var heads: Int
    /// D, the size of a head.
    public var headSize: Int
    /// M, the width of the residual stream.
    public var width: Int
    /// How products are computed; fast precision rounds differently, and so has other tolerances.
    public var precision: Precision

    /// Describes a model as it computes at this moment.
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

/// The positions of a text that are watched.
///
/// The very first position never is, because it can attend only to itself.
public enum WatchedPositions: String, Sendable, Codable, CaseIterable {
    /// The last prompt token and each one after it: the positions that choose what is written.
    case last
    /// The positions after the prompt.
    case generated
    /// The prompt's positions too.
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

/// A record of what a monitor was fitted on, for people.
public struct FitRecord: Sendable, Equatable, Codable {
    /// The number of texts that the envelope was fitted on.
    public var fitTexts: Int
    /// The number of groups that the envelope was fitted on.
    public var fitGroups: Int
    /// The number of watched positions in these texts.
    public var fitTokens: Int
    /// The number of texts that thresholds were found on.
    public var calibrationTexts: Int
    /// The number of groups that thresholds were found on.
    public var calibrationGroups: Int
    /// The number of watched positions in the texts that thresholds were found on.
    public var calibrationTokens: Int
    /// The rate of false alarms that was asked for, per token and per answer.
    public var falseAlarms: Double
    /// The share of calibration tokens that the threshold flags.
    public var tokenRate: Double
    /// The share of calibration texts that the threshold flags.
    public var answerRate: Double
    /// The mean weight of the target in the shrunk covariances.
    public var shrinkage: Double
    /// How many tokens of each text the model wrote itself; nil if texts were read as they are.
    public var writtenTokens: Int?
    /// What else is recorded: the data's name and digest, template, program.
    public var provenance: [String: String]
}
