import Transformer

/// The heads to edit, how to edit them, and at which positions; it is saved as `plan.json` and can be shared.
///
/// A plan names its directions in a safetensors file beside it, or holds them inline. It says nothing about a run until
/// ``LoadedPlan`` turns it into edits.
public struct InterventionPlan: Sendable, Equatable {
    /// The model that the plan was made for; nil for a plan that isn't tied to a model.
    public var model: ModelReference?
    /// The name of the directions file beside the plan; nil for a plan with inline directions only.
    public var directions: String?
    /// The edits; edits of the same head are carried out in this order.
    public var edits: [PlannedEdit]
    /// The rule for several behaviours that edit the same head.
    public var overlap: OverlapRule
    /// The facts recorded when the plan was made; nil for a plan that was written by hand or before there were records.
    public var record: PlanRecord?

    /// Makes a plan; by default any model fits, directions are inline, and nothing is recorded.
    public init(
        model: ModelReference? = nil, directions: String? = nil, edits: [PlannedEdit],
        overlap: OverlapRule = .inOrder, record: PlanRecord? = nil
    ) {
        self.model = model
        self.directions = directions
        self.edits = edits
        self.overlap = overlap
        self.record = record
    }
}

/// The model that a plan was made for.
public struct ModelReference: Sendable, Equatable {
    /// `sha256:…`, see `LanguageModel.fingerprint`.
    public var fingerprint: String
    /// The family, as ``ModelConfiguration/architecture`` names it: `llama`.
    public var architecture: String
    /// The number of layers, L.
    public var layers: Int
    /// The number of query heads in a layer.
    public var heads: Int
    /// The number of values in a head's z, D.
    public var headSize: Int

    /// Makes a reference to a model from its configuration.
    ///
    /// - Parameter fingerprint: see ``LanguageModel/fingerprint(workers:)``; it reads all weights, so compute it once.
    public init(_ configuration: ModelConfiguration, fingerprint: String) {
        self.init(
            fingerprint: fingerprint, architecture: configuration.architecture, layers: configuration.layers,
            heads: configuration.heads, headSize: configuration.headSize)
    }

    /// Makes a reference to a model that isn't open.
    public init(fingerprint: String, architecture: String, layers: Int, heads: Int, headSize: Int) {
        self.fingerprint = fingerprint
        self.architecture = architecture
        self.layers = layers
        self.heads = heads
        self.headSize = headSize
    }
}

/// What happens if edits of several behaviours overlap at a head or at a layer's site.
///
/// In a plan's file it is the field `whereBehavioursMeet`, or `overlap`.
public enum OverlapRule: String, Sendable, CaseIterable {
    /// The edits are carried out in the order in which they are written, so additions sum up.
    ///
    /// It is the default, and the only rule for edits that name no behaviour.
    case inOrder = "in-order"
    /// The plan is refused.
    case refuse
    /// A later behaviour's addition loses its components along the earlier behaviours' additions at the same place
    /// (Gram-Schmidt).
    ///
    /// The earlier behaviours' shares then stay as they are. The rest of the addition is not made longer. Other
    /// operations are carried out in order.
    case orthogonal
}
