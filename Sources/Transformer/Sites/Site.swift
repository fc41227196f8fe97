import DataFiles

/// A tensor of the forward pass that can be read and, but for the attention pattern, edited.
public struct Site: Hashable, Sendable, CustomStringConvertible {
    /// Which tensor.
    public let kind: SiteKind
    /// The block, 0 ..< L; nil for the tensors after the last block.
    public let layer: Int?

    /// - Parameter layer: the block for a kind that every block has, nil for the others.
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
    /// What the attention adds to the residual stream.
    public static func attentionOut(_ layer: Int) -> Site { Site(.attentionOut, layer: layer) }
    /// The MLP's gate before its activation.
    public static func mlpPre(_ layer: Int) -> Site { Site(.mlpPre, layer: layer) }
    /// The MLP's linear branch.
    public static func mlpPreLinear(_ layer: Int) -> Site { Site(.mlpPreLinear, layer: layer) }
    /// silu(gate) · linear branch: the input of the MLP's down projection.
    public static func mlpPost(_ layer: Int) -> Site { Site(.mlpPost, layer: layer) }
    /// What the MLP adds to the residual stream.
    public static func mlpOut(_ layer: Int) -> Site { Site(.mlpOut, layer: layer) }
    /// The residual stream after the last block, normed and weighted: the input of the unembedding.
    public static let finalNorm = Site(.finalNorm)
    /// The logits.
    public static let logits = Site(.logits)

    /// All sites of a model, in the order in which a pass computes them.
    public static func all(_ configuration: ModelConfiguration) -> [Site] {
        let inBlock = SiteKind.allCases.filter(\.isInBlock)
        return (0..<configuration.layers).flatMap { layer in inBlock.map { Site($0, layer: layer) } }
            + SiteKind.allCases.filter { !$0.isInBlock }.map { Site($0) }
    }

    /// TransformerLens's name: `blocks.3.attn.hook_z`.
    public var transformerLensName: String { name(kind.transformerLensName) }

    /// Hugging Face's name of the module, and whether the tensor is its input or output:
    /// `model.layers.3.self_attn.o_proj.input`.
    public var huggingFaceName: String { name(kind.huggingFaceName) }

    public var description: String { transformerLensName }

    /// The size of one position's values.
    ///
    /// - Parameter keys: the number of key positions, for the attention pattern.
    public func size(_ configuration: ModelConfiguration, keys: Int = 0) -> Int {
        shape(configuration, keys: keys).reduce(1, *)
    }

    /// The sizes of the axes of one position's values, as ``SiteKind/axes`` names them.
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
