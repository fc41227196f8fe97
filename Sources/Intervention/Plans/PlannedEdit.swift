import Transformer

/// One edit of a plan: of one head's z, or of a whole site of a layer for the baselines that work there.
public struct PlannedEdit: Sendable, Equatable {
    /// What is edited.
    public var target: EditTarget
    /// What is done to it.
    public var operation: EditOperation
    /// Along what: by name in the directions' file, or inline; nil if the operation needs none.
    public var direction: DirectionReference?
    /// What it means depends on the operation; nil if the operation needs none, or, of `multiply`, for 1.
    public var strength: Double?
    /// In what the strength of `add` and `clamp` is measured.
    public var unit: StrengthUnit
    /// At which positions of a text.
    public var positions: PositionRule
    /// Whether the values keep their norm: the norm-preserving variant of any operation but `zero` and `mean`.
    public var keepsNorm = false
    /// How much of the change is made as the text grows.
    public var schedule = Schedule.constant
    /// Where the change is made at all; nil for everywhere that `positions` say.
    public var gate: PlannedGate?
    /// Which behaviour the edit belongs to, in a plan of several; see ``OverlapRule``.
    public var behaviour: String?

    /// An edit that keeps no norm, is made in full at every position of its rule, and belongs to no behaviour.
    ///
    /// - Precondition: a site that plans can edit: see ``EditTarget/sites``.
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

    /// An edit of one head's z.
    public init(
        _ head: Head, _ operation: EditOperation, direction: DirectionReference? = nil, strength: Double? = nil,
        unit: StrengthUnit = .raw, positions: PositionRule
    ) {
        self.init(
            .head(head), operation, direction: direction, strength: strength, unit: unit, positions: positions)
    }

    /// The head whose z is edited; nil for the other sites.
    public var head: Head? { target.head }

    /// The strength, or that which an edit has without one.
    package var effectiveStrength: Double? { strength ?? (operation == .multiply ? 1 : nil) }
}

/// A gate of a plan; see ``Gate``. The score of a position is x · θ̂ − threshold.
public struct PlannedGate: Sendable, Equatable {
    /// Which tensor is read: z of a head, or one of the sites that have none.
    public var target: EditTarget
    /// Along what a position is scored.
    public var direction: DirectionReference
    /// nil: the threshold that is stored with the direction.
    public var threshold: Double?
    /// Whether scores above 0 open it; else those below.
    public var opensAbove: Bool
    /// Whether a position opens it for itself, or for all that follow.
    public var mode: Gate.Mode
    /// The positions that can open it; nil: those of the edit.
    public var positions: PositionRule?

    /// A gate. By default its threshold is the direction's own, it opens above that, for each position by itself, at
    /// the edit's positions.
    ///
    /// - Precondition: a site that plans can edit: see ``EditTarget/sites``.
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

/// What an edit does with z. θ̂ is the direction's unit vector.
public enum EditOperation: String, Sendable, CaseIterable {
    /// z + strength · direction in `raw`, else z + strength · unit · θ̂.
    case add
    /// z · strength.
    case scale
    /// z ∘ (1 + strength · (direction − 1)): with the strength 1, which it has where none is given, each value times the one of the
    /// direction, exactly as given.
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
    /// z turned towards θ̂ by strength degrees, its norm kept.
    case rotate

    var needsDirection: Bool { self != .scale && self != .zero }
    /// Whether its direction says which way values move, rather than being values of its own.
    package var movesAlongDirection: Bool { needsDirection && self != .mean && self != .multiply }
    var needsStrength: Bool { self == .add || self == .scale || self == .clamp || self == .rotate }
    var hasUnit: Bool { self == .add || self == .clamp }
    /// Whether keeping the norm makes sense.
    var canKeepNorm: Bool { self != .zero && self != .mean }
}

/// In what a strength is measured.
public enum StrengthUnit: String, Sendable, CaseIterable {
    /// For `add`, the direction exactly as given, not normalised; for `clamp`, 1.
    case raw
    /// The spread σ of z along the direction, as HSI and ITI have it (arXiv 2502.05945, 2306.03341).
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
