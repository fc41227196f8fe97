import DataFiles

/// A tensor of the forward pass that can be read and, except for the attention pattern, edited.
public struct Site: Hashable, Sendable, CustomStringConvertible {
    /// The kind of tensor.
    public let kind: SiteKind
    /// The block, 0 ..< L; nil for the tensors after the last block.
    public let layer: Int?

    /// - Parameter layer: the block, for a kind that is in blocks; nil for the others.
    ///
    /// - Precondition: a layer for a site of a block, none for the others.
    public init(_ kind: SiteKind, layer: Int? = nil) {
        precondition(
            kind.isInBlock == (layer != nil), "The site \(kind) is \(kind.isInBlock ? "" : "not ")one of a block's.")
        self.kind = kind
        self.layer = layer
    }

    /// The residual stream before a block.
    public static func residualPre(_ layer: Int) -> Site { Site(.residualPre, layer: layer) }
    /// The residual stream between a block's attention and its MLP.
    public static func residualMid(_ layer: Int) -> Site { Site(.residualMid, layer: layer) }
    /// The residual stream after a block.
    public static func residualPost(_ layer: Int) -> Site { Site(.residualPost, layer: layer) }
    /// The queries before rotation, by query head.
    public static func query(_ layer: Int) -> Site { Site(.query, layer: layer) }
    /// The keys before rotation, by key-value head.
    public static func key(_ layer: Int) -> Site { Site(.key, layer: layer) }
    /// The values, by key-value head.
    public static func value(_ layer: Int) -> Site { Site(.value, layer: layer) }
    /// The queries after rotation, by query head.
    public static func rotatedQuery(_ layer: Int) -> Site { Site(.rotatedQuery, layer: layer) }
    /// The keys after rotation, by key-value head; the cache keeps these.
    public static func rotatedKey(_ layer: Int) -> Site { Site(.rotatedKey, layer: layer) }
    /// The attention pattern (after softmax), by query head.
    public static func pattern(_ layer: Int) -> Site { Site(.pattern, layer: layer) }
    /// Each query head's mix of values: the input of the output projection.
    public static func z(_ layer: Int) -> Site { Site(.z, layer: layer) }
    /// The output that the attention adds to the residual stream: the output projection of z, followed by the norm and
    /// the multiplier that some families have there (Gemma, OLMo 2; Granite).
    ///
    /// TransformerLens's `hook_attn_out` is the same; Hugging Face's `o_proj` output comes before both.
    public static func attentionOut(_ layer: Int) -> Site { Site(.attentionOut, layer: layer) }
    /// The MLP's gate before its activation; in a plain MLP, its only branch.
    public static func mlpPre(_ layer: Int) -> Site { Site(.mlpPre, layer: layer) }
    /// The MLP's linear branch.
    public static func mlpPreLinear(_ layer: Int) -> Site { Site(.mlpPreLinear, layer: layer) }
    /// The input of the MLP's down projection: activation(gate) · linear branch.
    public static func mlpPost(_ layer: Int) -> Site { Site(.mlpPost, layer: layer) }
    /// The output that the MLP adds to the residual stream, after the norm and the multiplier that some families have
    /// there.
    public static func mlpOut(_ layer: Int) -> Site { Site(.mlpOut, layer: layer) }
    /// The residual stream after the last block, normed and weighted: the input of the unembedding.
    public static let finalNorm = Site(.finalNorm)
    /// The logits.
    public static let logits = Site(.logits)

    /// All sites of a model, in the order in which a pass computes them.
    public static func all(_ configuration: ModelConfiguration) -> [Site] {
        configuration.blocks.enumerated().flatMap { layer, block in block.sites.map { Site($0, layer: layer) } }
            + [.finalNorm, .logits]
    }

    /// Whether a model has this tensor: a plain MLP has no linear branch, and a parallel block has no residual stream
    /// between attention and MLP.
    public func exists(in configuration: ModelConfiguration) -> Bool {
        guard let layer else { return !kind.isInBlock }
        return configuration.blocks.indices.contains(layer) && configuration.blocks[layer].sites.contains(kind)
    }

    /// Whether a pass computes this site before the other one, or they are the same.
    public func isNotAfter(_ other: Site) -> Bool {
        func order(_ site: Site) -> (Int, Int) {
            (
                site.layer ?? .max,
                BlockDescription.orderOfSites.firstIndex(of: site.kind) ?? (site.kind == .logits ? 1 : 0)
            )
        }
        return order(self) <= order(other)
    }

    /// The name in TransformerLens: `blocks.3.attn.hook_z`.
    public var transformerLensName: String { name(kind.transformerLensName) }

    /// The name in Hugging Face's implementation: the family's module, and whether the tensor is its input or output:
    /// `model.layers.3.self_attn.o_proj.input`.
    public func huggingFaceName(in configuration: ModelConfiguration) -> String {
        name(kind.huggingFaceName(configuration.modules))
    }

    public var description: String { transformerLensName }

    /// The number of values at one position.
    ///
    /// - Parameter keys: the number of key positions, for the attention pattern.
    public func size(_ configuration: ModelConfiguration, keys: Int = 0) -> Int {
        shape(configuration, keys: keys).reduce(1, *)
    }

    /// The sizes of the axes of one position's values, in the order of ``SiteKind/axes``.
    ///
    /// - Parameter keys: the number of key positions, for the attention pattern.
    public func shape(_ configuration: ModelConfiguration, keys: Int = 0) -> [Int] {
        kind.axes.map { axis in
            switch axis {
            case .width: configuration.width
            case .head: configuration.heads
            case .keyValueHead: configuration.kvHeads
            case .headValue: configuration.headSize
            case .feedForward: configuration.feedForward
            case .vocabulary: configuration.vocabulary
            case .keyPosition: keys
            }
        }
    }

    private func name(_ pattern: String) -> String {
        layer.map { pattern.replacing("#", with: "\($0)") } ?? pattern
    }
}
