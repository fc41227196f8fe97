import Directions
import Tasks
import Transformer

/// The differences of one head between the models.
public struct ComparedHead: Sendable, Equatable {
    /// The head, as A counts it.
    public var head: Head
    /// How its weights differ.
    public var weights: HeadWeightChange
    /// How its z differs on the same texts.
    public var activations: HeadActivationChange
    /// Whether its direction carries over to B; nil if that wasn't tested.
    public var transfer: HeadTransfer?

    /// Whether any of its weights changed by more than rounding explains.
    public var isChanged: Bool { !weights.changed.isEmpty }
}

extension ComparedHead: Encodable {
    public func encode(to encoder: any Encoder) throws {
        try head.encode(to: encoder)
        try weights.encode(to: encoder)
        try activations.encode(to: encoder)
        try transfer?.encode(to: encoder)
    }
}

/// How two models differ: in what they answer and write, in their weights, and in what their heads do.
public struct ComparisonReport: Sendable {
    /// The value of the field `format` in `report.json`.
    public static let format = "headsteer.comparison/1"

    /// Notes on vocabularies and templates, and on what couldn't be compared.
    public var notes: [String]
    /// The settings that differ, such as the base of the rotary embedding.
    public var settings: [String]
    /// What B's record says was baked into it; nil if it says nothing.
    public var recorded: RecordedEdits?
    /// The heads, in the order of layers and heads.
    public var heads: [ComparedHead]
    /// How the weights differ as a whole.
    public var weights: WeightComparison
    /// How the activations differ as a whole.
    public var activations: ActivationComparison
    /// How the answers differ.
    public var answers: AnswerComparison
    /// Where the items come from.
    public var contrastSource: ContrastSource
    /// How far apart the distributions are, on the data's texts and on neutral ones.
    public var divergence, neutralDivergence: TokenDivergence
    /// The texts that both wrote; nil if none were asked for.
    public var texts: TextPairs?
    /// The origin of the tested directions; nil if none could be tested.
    public var directionSource: String?
    /// The number of texts that directions were tested on; nil if ``directionSource`` is.
    public var directionTexts: Int?
    /// What the plan does in both models; nil without a plan.
    public var plan: PlanTransfer?
    /// The seed of the random numbers of intervals, tests and folds.
    public var seed: UInt64

    /// The heads with a weight that changed by more than rounding explains.
    public var changedHeads: [Head] { heads.filter(\.isChanged).map(\.head) }
}

extension ComparisonReport: Encodable {
    private enum Key: String, CodingKey {
        case format, agreement, klPerToken, changed, heads, findings, notes, settings, recorded, sameWeights, weights,
            activations
        case answers, contrastSource, divergence, neutralDivergence, texts, directions, plan, seed
    }
    private struct Weights: Encodable {
        var attentionChange: Double
        var formats: [String: Int]
        var order: [HeadOrder]
        var unexplainedBiases: [Int]
        var elsewhere: [TensorChange]
    }
    private struct Activations: Encodable {
        var positions, positionsOfTexts: Int
    }
    private struct Directions: Encodable {
        var source: String
        var texts: Int
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(Self.format, forKey: .format)
        try container.encode(answers.agreement.share, forKey: .agreement)
        try container.encode(divergence.kl.mean, forKey: .klPerToken)
        try container.encode(changedHeads.map(\.description), forKey: .changed)
        try container.encode(heads, forKey: .heads)
        try container.encode(findings, forKey: .findings)
        try container.encode(notes, forKey: .notes)
        try container.encode(settings, forKey: .settings)
        try container.encodeIfPresent(recorded, forKey: .recorded)
        try container.encode(weights.isSame, forKey: .sameWeights)
        try container.encode(
            Weights(
                attentionChange: weights.attentionChange, formats: weights.formats, order: weights.order,
                unexplainedBiases: weights.unexplainedBiases, elsewhere: weights.elsewhere), forKey: .weights)
        try container.encode(
            Activations(positions: activations.positions, positionsOfTexts: activations.positionsOfTexts),
            forKey: .activations)
        try container.encode(answers, forKey: .answers)
        try container.encode(contrastSource, forKey: .contrastSource)
        try container.encode(divergence, forKey: .divergence)
        try container.encode(neutralDivergence, forKey: .neutralDivergence)
        try container.encodeIfPresent(texts, forKey: .texts)
        if let directionSource, let directionTexts {
            try container.encode(Directions(source: directionSource, texts: directionTexts), forKey: .directions)
        }
        try container.encodeIfPresent(plan, forKey: .plan)
        try container.encode(seed, forKey: .seed)
    }
}
