import LlamaRuntime

/// Which heads to edit, how, and where: a value that is saved as `plan.json` and shared.
///
/// A plan names its directions in a safetensors file beside it, or holds them inline. It says nothing about a run until
/// ``InterventionPlan/edits(directions:place:)`` turns it into edits.
public struct InterventionPlan: Sendable, Equatable {
    /// The model that the plan was made for; nil for a plan that only says which heads.
    public var model: ModelReference?
    /// The directions' file, relative to the plan; nil for a plan with inline directions only.
    public var directions: String?
    /// The edits; those of one head are carried out in this order.
    public var edits: [PlannedEdit]

    public init(model: ModelReference? = nil, directions: String? = nil, edits: [PlannedEdit]) {
        self.model = model
        self.directions = directions
        self.edits = edits
    }
}

/// The model that a plan was made for.
public struct ModelReference: Sendable, Equatable {
    /// `sha256:…`, see `LlamaModel.fingerprint`.
    public var fingerprint: String
    public var architecture: String
    public var layers: Int
    /// Query heads of a layer.
    public var heads: Int
    public var headSize: Int

    public init(_ configuration: LlamaConfiguration, fingerprint: String) {
        self.init(
            fingerprint: fingerprint, architecture: configuration.architecture, layers: configuration.layers,
            heads: configuration.heads, headSize: configuration.headSize)
    }

    public init(fingerprint: String, architecture: String, layers: Int, heads: Int, headSize: Int) {
        self.fingerprint = fingerprint
        self.architecture = architecture
        self.layers = layers
        self.heads = heads
        self.headSize = headSize
    }
}

/// One edit of a plan, of one head's z.
public struct PlannedEdit: Sendable, Equatable {
    public var layer: Int
    /// The query head.
    public var head: Int
    public var operation: HeadOperation
    public var direction: DirectionReference?
    /// What it means depends on the operation; nil where the operation needs none.
    public var strength: Double?
    /// In what the strength of `add` and `clamp` is measured.
    public var unit: StrengthUnit
    public var positions: PositionRule

    public init(
        layer: Int, head: Int, _ operation: HeadOperation, direction: DirectionReference? = nil,
        strength: Double? = nil, unit: StrengthUnit = .raw, positions: PositionRule
    ) {
        self.layer = layer
        self.head = head
        self.operation = operation
        self.direction = direction
        self.strength = strength
        self.unit = unit
        self.positions = positions
    }
}

/// What an edit does with z. θ̂ is the direction's unit vector.
public enum HeadOperation: String, Sendable, CaseIterable {
    /// z + strength · direction in `raw`, else z + strength · unit · θ̂.
    case add
    /// z · strength.
    case scale
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
    var needsStrength: Bool { self == .add || self == .scale || self == .clamp || self == .rotate }
    var hasUnit: Bool { self == .add || self == .clamp }
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
    /// [D]
    case inline([Double])
}
