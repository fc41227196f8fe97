import DataFiles
import Transformer

/// The facts about a plan when it was made: the changes that it makes, where it makes them, and their effects on the
/// model.
///
/// ``PlanVerifier`` compares a plan with its record. In `plan.json` the record is the field `record`, which a plan can
/// lack. It has these fields:
///
/// - `format`: `headsteer.plan-record/1`.
/// - `fingerprint`: the fingerprint of the model that everything was measured on.
/// - `edits`: each edit as it was resolved: target, `operation` and `positions` as in the plan; `direction`, the unit
///   vector θ̂ (for `mean` and `multiply` the values themselves); `length` of `add` and `clamp`, `factor` of `scale`,
///   `degrees` of `rotate`.
/// - `texts`: some labelled texts: `ids`, `from`, `to`, `label`, and x · θ̂ there by target (`projections`).
/// - `effects`: some prompts: `prompt`, `positive`, `negative` (tokens), and their logits at the prompt's end without
///   the plan (`unedited`) and with it (`edited`).
/// - `source`: facts about what the directions were fitted to: `data`, `dataSHA256`, `tokensSHA256`, `positions`,
///   `estimator`, `template`, `sigmaData`.
///
/// Vectors are little-endian float32 values in Base64. Everything was computed in the precision `exact`, whatever
/// precision the maker used.
public struct PlanRecord: Sendable, Equatable {
    /// The value of the field `format`.
    public static let format = "headsteer.plan-record/1"

    /// The model's fingerprint, `sha256:…`.
    public var fingerprint: String
    /// The plan's edits, in its order.
    public var edits: [RecordedEdit]
    /// Labelled texts that the directions were fitted to; empty if they aren't known.
    public var texts: [RecordedText]
    /// The effects of the whole plan on the logits after some prompts.
    public var effects: [RecordedEffect]
    /// Facts about where the directions come from.
    public var source: [String: String]

    /// Makes a record; texts and effects are empty if nothing was measured.
    public init(
        fingerprint: String, edits: [RecordedEdit], texts: [RecordedText] = [], effects: [RecordedEffect] = [],
        source: [String: String] = [:]
    ) {
        self.fingerprint = fingerprint
        self.edits = edits
        self.texts = texts
        self.effects = effects
        self.source = source
    }

    /// The entries of a file's metadata that tell where directions come from.
    public static func source(_ metadata: [String: String]) -> [String: String] {
        let keys = ["data", "dataSHA256", "tokensSHA256", "positions", "estimator", "template", "sigmaData"]
        return metadata.filter { keys.contains($0.key) }
    }
}

/// One edit as it was when the plan was made.
public struct RecordedEdit: Sendable, Equatable {
    /// The head or the site that was edited.
    public var target: EditTarget
    /// The operation.
    public var operation: EditOperation
    /// θ̂, the unit vector that the change is along; nil if the operation has no direction.
    ///
    /// For `mean` these are the values that replace the others, and for `multiply` the factors.
    public var direction: [Float]?
    /// How far `add` moves along θ̂, the component that `clamp` sets, the factor of `scale`, or the degrees of
    /// `rotate`; nil for other operations.
    public var amount: Double?
    /// The positions at which the edit was made.
    public var positions: PositionRule
    /// Whether the values kept their norm.
    public var keepsNorm: Bool
    /// How much of the change was made as the text grew.
    public var schedule: Schedule
    /// The condition for the change; nil if it was made at all `positions`.
    public var gate: Gate?

    /// Makes an edit in absolute numbers, without a unit or a direction's name.
    public init(
        _ target: EditTarget, _ operation: EditOperation, direction: [Float]?, amount: Double?,
        positions: PositionRule, keepsNorm: Bool = false, schedule: Schedule = .constant, gate: Gate? = nil
    ) {
        self.target = target
        self.operation = operation
        self.direction = direction
        self.amount = amount
        self.positions = positions
        self.keepsNorm = keepsNorm
        self.schedule = schedule
        self.gate = gate
    }
}

/// A labelled text with the projections of its activations on the plan's directions.
public struct RecordedText: Sendable, Equatable {
    /// The text's tokens.
    public var ids: [Int]
    /// The positions that were read; with several positions, projections are of their mean.
    public var positions: Range<Int>
    /// The text's class.
    public var label: Bool
    /// x · θ̂ at each target of the plan that has a direction.
    public var projections: [EditTarget: Double]

    /// Makes a text with its projections.
    ///
    /// - Precondition: `positions` is a range of the text's tokens, and is not empty.
    public init(ids: [Int], positions: Range<Int>, label: Bool, projections: [EditTarget: Double]) {
        precondition(
            !positions.isEmpty && positions.lowerBound >= 0 && positions.upperBound <= ids.count,
            "A text is read at positions that it has.")
        self.ids = ids
        self.positions = positions
        self.label = label
        self.projections = projections
    }
}

/// The effect of a plan on the next token after a prompt.
public struct RecordedEffect: Sendable, Equatable {
    /// The prompt's tokens, at least one.
    public var prompt: [Int]
    /// The tokens of the positive side: those that speak for the behaviour, or those that the plan raises most.
    ///
    /// The logit difference between the two sides measures the effect.
    public var positive: [Int]
    /// The tokens of the negative side; see ``positive``.
    public var negative: [Int]
    /// The logits of ``tokens`` at the prompt's end without the plan.
    public var unedited: [Double]
    /// The same logits with the plan.
    public var edited: [Double]

    /// The tokens of both sides, the positive ones first.
    public var tokens: [Int] { positive + negative }

    /// Makes an effect after one prompt.
    ///
    /// - Precondition: `prompt` and both sides have at least one token; each token has a logit without and a logit with
    ///   the plan.
    public init(prompt: [Int], positive: [Int], negative: [Int], unedited: [Double], edited: [Double]) {
        precondition(!prompt.isEmpty, "A prompt needs at least one token.")
        precondition(!positive.isEmpty && !negative.isEmpty, "Each side needs a token.")
        precondition(
            unedited.count == positive.count + negative.count && edited.count == unedited.count,
            "Each token has a logit without and one with the plan.")
        self.prompt = prompt
        self.positive = positive
        self.negative = negative
        self.unedited = unedited
        self.edited = edited
    }

    /// The change of the logit difference: the mean logit of the positive tokens minus that of the negative tokens.
    public var change: Double { difference(edited) - difference(unedited) }

    /// - Parameter logits: the logits of ``tokens``.
    func difference(_ logits: [Double]) -> Double {
        func mean(_ values: ArraySlice<Double>) -> Double { values.reduce(0, +) / Double(values.count) }
        return mean(logits.prefix(positive.count)) - mean(logits.dropFirst(positive.count))
    }
}
