import Transformer

/// Which heads to edit, how, and where: a value that is saved as `plan.json` and shared.
///
/// A plan names its directions in a safetensors file beside it, or holds them inline. It says nothing about a run until
/// ``LoadedPlan`` turns it into edits.
public struct InterventionPlan: Sendable, Equatable {
    /// The model that the plan was made for; nil for a plan that only says which heads.
    public var model: ModelReference?
    /// The name of the directions' file, which lies beside the plan; nil for a plan with inline directions only.
    public var directions: String?
    /// The edits; those of one head are carried out in this order.
    public var edits: [PlannedEdit]
    /// What happens where several behaviours edit the same head.
    public var overlap: OverlapRule
    /// What the plan's maker knew of it; nil for a plan that was written by hand, or before there were records.
    public var record: PlanRecord?

    /// A plan. What isn't given isn't said: any model fits, directions are inline, nothing is recorded.
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
    /// The family, as ``ModelConfiguration/architecture`` spells it: `llama`.
    public var architecture: String
    /// The number of layers, L.
    public var layers: Int
    /// Query heads of a layer.
    public var heads: Int
    /// The values of a head's z, D.
    public var headSize: Int

    /// A reference to the model of that configuration.
    /// - Parameter fingerprint: see ``LanguageModel/fingerprint(workers:)``; it reads all weights, so compute it
    ///   once.
    public init(_ configuration: ModelConfiguration, fingerprint: String) {
        self.init(
            fingerprint: fingerprint, architecture: configuration.architecture, layers: configuration.layers,
            heads: configuration.heads, headSize: configuration.headSize)
    }

    /// A reference to a model that isn't open.
    public init(fingerprint: String, architecture: String, layers: Int, heads: Int, headSize: Int) {
        self.fingerprint = fingerprint
        self.architecture = architecture
        self.layers = layers
        self.heads = heads
        self.headSize = headSize
    }
}

/// What happens where edits of several behaviours overlap: at one head, or at one layer's site.
///
/// In a plan's file it is the field `whereBehavioursMeet`, or `overlap`.
public enum OverlapRule: String, Sendable, CaseIterable {
    /// They are carried out in the order written: additions sum up. The default, and the only rule for edits that name no
    /// behaviour.
    case inOrder = "in-order"
    /// Such a plan is refused.
    case refuse
    /// What a later behaviour adds loses its components along what the earlier ones add there (Gram-Schmidt), so that it
    /// leaves their share as it is; what is left is not made longer. Other operations are carried out in order.
    case orthogonal
}
