extension BlockDescription {
    /// The sites of a block, in the order in which ``Block`` computes them.
    var sites: [SiteKind] {
        var sites: [SiteKind] = [.residualPre, .query, .key, .value]
        if attention.rotary != nil { sites += [.rotatedQuery, .rotatedKey] }
        sites += [.pattern, .z, .attentionOut]
        if residual == .sequential { sites.append(.residualMid) }
        switch mlp {
        case .gated: sites += [.mlpPre, .mlpPreLinear, .mlpPost]
        case .plain: sites += [.mlpPre, .mlpPost]
        case .experts: break
        }
        return sites + [.mlpOut, .residualPost]
    }
}
