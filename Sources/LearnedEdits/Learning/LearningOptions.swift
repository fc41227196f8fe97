import DataFiles
import Transformer

/// How edits are learned; what isn't here is the method's own constant.
public struct LearningOptions: Sendable, Codable, Equatable {
    /// Where heads are edited, in learning and in the plan.
    public enum Positions: String, Sendable, Codable, CaseIterable {
        /// From the last prompt token on: the rule of the search.
        case last
        /// Every position, as the methods' sources have it.
        case all

        /// The rule of edits.
        var rule: PositionRule { self == .last ? .last : .all }
    }

    /// By which recipe.
    public var method: LearningMethod
    /// K, how many heads the plan edits.
    public var heads: Int
    /// Where. The default is ``Positions/last``, so that learned plans can be set beside searched ones.
    public var positions: Positions
    /// The most passes over the data of each stage.
    public var epochs: Int
    /// The step of Adam in the stage that makes the plan, or with gates in all stages; nil for the source's.
    public var learningRate: Double?
    /// What KL(unedited ‖ edited) on neutral text, in nats a token, is multiplied by in the loss. The sources have no such term;
    /// with 0 there is none.
    public var divergenceWeight: Double
    /// The most of that divergence that a plan may cost, in nats a token: epochs beyond it aren't taken.
    public var mostDivergence: Double
    /// Whether the whole is done again with shuffled labels.
    public var hasControl: Bool
    /// The start of all random numbers: same seed, same result.
    public var seed: UInt64

    /// Options.
    ///
    /// - Parameters:
    ///   - epochs: 20 by default, as many as JoLA's source; LoFiT's has 5, on larger sets. Small sets need more. Stages that make a plan end earlier
    ///     where what isn't learned from stops improving.
    ///   - divergenceWeight: 1 by default: a nat of divergence counts as much as a nat of loss.
    ///   - mostDivergence: 0.5 by default, as in the search's budget.
    /// - Precondition: at least one head and one epoch; a positive learning rate; weights that aren't negative.
    public init(
        method: LearningMethod, heads: Int = 4, positions: Positions = .last, epochs: Int = 20,
        learningRate: Double? = nil, divergenceWeight: Double = 1, mostDivergence: Double = 0.5,
        hasControl: Bool = true, seed: UInt64 = 0
    ) {
        precondition(heads >= 1 && epochs >= 1, "Learning needs at least one head and one epoch.")
        precondition(learningRate.map { $0 > 0 } ?? true, "A learning rate is above 0.")
        precondition(divergenceWeight >= 0 && mostDivergence >= 0, "A divergence isn't negative.")
        self.method = method
        self.heads = heads
        self.positions = positions
        self.epochs = epochs
        self.learningRate = learningRate
        self.divergenceWeight = divergenceWeight
        self.mostDivergence = mostDivergence
        self.hasControl = hasControl
        self.seed = seed
    }
}
