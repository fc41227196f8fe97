import Transformer

/// One edit of a plan: of one head's z, or of a whole site of a layer for baselines that work there.
public struct PlannedEdit: Sendable, Equatable {
    /// The head or the site that is edited.
    public var target: EditTarget
    /// The operation.
    public var operation: EditOperation
    /// The direction, by name in the directions file or inline; nil if the operation needs none.
    public var direction: DirectionReference?
    /// The strength, whose meaning depends on the operation; nil if the operation needs none, or for 1 in `multiply`.
    public var strength: Double?
    /// The unit of the strength for `add` and `clamp`.
    public var unit: StrengthUnit
    /// The positions of a text at which the edit is made.
    public var positions: PositionRule
    /// Whether the values keep their norm: the norm-preserving variant of any operation but `zero` and `mean`.
    public var keepsNorm = false
    /// How much of the change is made as the text grows.
    public var schedule = Schedule.constant
    /// The condition for the change; nil to make it at all `positions`.
    public var gate: PlannedGate?
    /// The behaviour that the edit belongs to, in a plan with several; see ``OverlapRule``.
    public var behaviour: String?

    /// Makes an edit that doesn't keep the norm, is made in full at every position of its rule, and belongs to no
    /// behaviour.
    ///
    /// - Precondition: `target` is at a site that plans can edit; see ``EditTarget/sites``.
    public init(
        _ target: EditTarget, _ operation: EditOperation, direction: DirectionReference? = nil,
        strength: Double? = nil, unit: StrengthUnit = .raw, positions: PositionRule
    ) {
        target.requireEditable()
        self.target = target
        self.operation = operation
        self.direction = direction
        self.strength = strength
        self.unit = unit
        self.positions = positions
    }

    /// Makes an edit of one head's z.
    public init(
        _ head: Head, _ operation: EditOperation, direction: DirectionReference? = nil, strength: Double? = nil,
        unit: StrengthUnit = .raw, positions: PositionRule
    ) {
        self.init(
            .head(head), operation, direction: direction, strength: strength, unit: unit, positions: positions)
    }

    /// The head whose z is edited; nil for other sites.
    public var head: Head? { target.head }

    /// The strength, or the default strength of the operation.
    package var effectiveStrength: Double? { strength ?? (operation == .multiply ? 1 : nil) }
}

/// A gate of a plan; see ``Gate``.
///
/// The score of a position is x · θ̂ − threshold.
public struct PlannedGate: Sendable, Equatable {
    /// The tensor that is read: z of a head, or a site without heads.
    public var target: EditTarget
    /// The direction that positions are scored along.
    public var direction: DirectionReference
    /// The threshold; nil for the threshold that is stored with the direction.
    public var threshold: Double?
    /// Whether scores above 0 open the gate; otherwise scores below 0 do.
    public var opensAbove: Bool
    /// Whether a position opens the gate for itself only, or for all later positions too.
    public var mode: Gate.Mode
    /// The positions that can open the gate; nil for the positions of the edit.
    public var positions: PositionRule?

    /// Makes a gate.
    ///
    /// By default, its threshold is the direction's own, and scores above it open the gate, for each position by
    /// itself, at the edit's positions.
    ///
    /// - Precondition: `target` is at a site that plans can edit; see ``EditTarget/sites``.
    public init(
        _ target: EditTarget, direction: DirectionReference, threshold: Double? = nil, opensAbove: Bool = true,
        mode: Gate.Mode = .token, positions: PositionRule? = nil
    ) {
        target.requireEditable()
        self.target = target
        self.direction = direction
        self.threshold = threshold
        self.opensAbove = opensAbove
        self.mode = mode
        self.positions = positions
    }
}

/// What an edit does with z, where θ̂ is the direction's unit vector.
public enum EditOperation: String, Sendable, CaseIterable {
    /// z + strength · direction in `raw`, else z + strength · unit · θ̂.
    case add
    /// z · strength.
    case scale
    /// z ∘ (1 + strength · (direction − 1)); at strength 1, the default, each value is multiplied by the direction's
    /// value, exactly as given.
    case multiply
    /// 0.
    case zero
    /// The mean of z on clean text, stored with the direction.
    case mean
    /// z without its component along θ̂.
    case projectOut = "project-out"
    /// z with its component along θ̂ set to strength · unit.
    case clamp
    /// z with its component along θ̂ reversed.
    case reflect
    /// z turned towards θ̂ by strength degrees, with its norm kept.
    case rotate

    var needsDirection: Bool { self != .scale && self != .zero }
    /// Whether values move along the direction; other directions are values of their own.
    package var movesAlongDirection: Bool { needsDirection && self != .mean && self != .multiply }
    var needsStrength: Bool { self == .add || self == .scale || self == .clamp || self == .rotate }
    var hasUnit: Bool { self == .add || self == .clamp }
    /// Whether keeping the norm makes sense.
    var canKeepNorm: Bool { self != .zero && self != .mean }
}

/// The unit of a strength.
public enum StrengthUnit: String, Sendable, CaseIterable {
    /// For `add`, the direction exactly as given, not normalised; for `clamp`, 1.
    case raw
    /// The spread σ of z along the direction, as in HSI and ITI (arXiv 2502.05945, 2306.03341).
    case sigma
    /// The mean norm of z on clean text.
    case headNorm = "head-norm"
    /// The mean norm of the residual stream on clean text.
    case residualNorm = "residual-norm"
}

/// A direction by name or in full.
public enum DirectionReference: Sendable, Equatable {
    /// The name of a tensor in the plan's directions file.
    case named(String)
    /// [D] for z, [M] for the other sites.
    case inline([Double])
}
