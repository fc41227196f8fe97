import DataFiles
import Transformer

/// The part of the model that an edit changes or a gate reads: z of one head, or a whole site of a layer for baselines
/// that work there.
///
/// It is printed as in plans and files: `12.8`, or `residual-post.12`.
public enum EditTarget: Hashable, Sendable, LosslessStringConvertible {
    /// z of a query head.
    case head(Head)
    /// A whole site of a layer: one of ``sites`` other than z.
    case layer(Int, SiteKind)

    /// The sites that plans can edit: z by heads, the others as a whole.
    public static let sites: [SiteKind] = [.z, .attentionOut, .residualPre, .residualMid, .residualPost, .mlpOut]

    /// Checks that a whole site is one of ``sites`` that has no heads.
    func requireEditable() {
        guard case .layer(_, let kind) = self else { return }
        precondition(
            kind != .z && Self.sites.contains(kind), "A plan edits z by heads, or the residual stream, not \(kind).")
    }

    /// The layer, from 0.
    public var layer: Int {
        switch self {
        case .head(let head): head.layer
        case .layer(let layer, _): layer
        }
    }

    /// The head; nil for a whole site.
    public var head: Head? { if case .head(let head) = self { head } else { nil } }

    /// The tensor of the forward pass.
    public var site: Site {
        switch self {
        case .head(let head): .z(head.layer)
        case .layer(let layer, let kind): Site(kind, layer: layer)
        }
    }

    /// Reads a head or a site from its written form; nil for any other text.
    public init?(_ description: String) {
        if let head = Head(description) {
            self = .head(head)
            return
        }
        guard let dot = description.lastIndex(of: "."), let kind = SiteKind(fileName: String(description[..<dot])),
            kind != .z, Self.sites.contains(kind), let layer = Int(description[description.index(after: dot)...]),
            layer >= 0
        else { return nil }
        self = .layer(layer, kind)
        guard self.description == description else { return nil }
    }

    public var description: String {
        switch self {
        case .head(let head): "\(head)"
        case .layer(let layer, let kind): kind.directionName(Head(layer: layer, index: 0))
        }
    }
}
