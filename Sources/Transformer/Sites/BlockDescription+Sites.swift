extension BlockDescription {
    /// The sites of a block, in the order in which ``Block`` computes them.
    var sites: [SiteKind] { Self.orderOfSites.filter(has) }

    /// The order of the sites that blocks can have; some blocks lack sites, but none has another order.
    static let orderOfSites: [SiteKind] = [
        .residualPre, .query, .key, .value, .rotatedQuery, .rotatedKey, .pattern, .z, .attentionOut, .residualMid,
        .mlpPre,
        .mlpPreLinear, .mlpPost, .mlpOut, .residualPost,
    ]

    private func has(_ site: SiteKind) -> Bool {
        switch site {
        case .rotatedQuery, .rotatedKey: attention.rotary != nil
        case .residualMid: residual == .sequential
        case .mlpPre, .mlpPost: if case .experts = mlp { false } else { true }
        case .mlpPreLinear: if case .gated = mlp { true } else { false }
        default: site.isInBlock
        }
    }
}
