extension ModelConfiguration {
    /// The parts of the configuration that define the model, in a spelling that never changes, for fingerprints.
    ///
    /// The first line has the fields of every model, spelled as in the fingerprints of the first plans, so that these
    /// stay valid. Then comes one line for everything that differs from a plain block of that time (RMS norms before
    /// attention and MLP, all of a head rotated, silu gates, no multipliers). So a field that is added later doesn't
    /// change the fingerprints of models that don't use it.
    var canonicalText: String {
        let rotary = blocks.first?.attention.rotary
        let first =
            "LlamaConfiguration(architecture: \"\(architecture)\", layers: \(layers), heads: \(heads), kvHeads: \(kvHeads), "
            + "headSize: \(headSize), width: \(width), feedForward: \(feedForward), vocabulary: \(vocabulary), "
            + "context: \(context), normEpsilon: \(norm.epsilon), ropeBase: \(rotary?.base ?? 0), "
            + "ropeScaling: \((rotary?.scaling ?? .none).canonicalText), tiedEmbeddings: \(tiedEmbeddings))"
        var lines = [first]
        func add(_ name: String, _ value: some CustomStringConvertible) { lines.append("\(name)=\(value)") }
        if norm.kind != .rms { add("norm", norm.kind.rawValue) }
        if embedding.multiplier != 1 { add("embedding.multiplier", embedding.multiplier) }
        if embedding.hasPositions { add("embedding.positions", "learned") }
        if unembedding.multiplier != 1 { add("unembedding.multiplier", unembedding.multiplier) }
        if let cap = unembedding.softCap { add("unembedding.softCap", cap) }
        for (layer, block) in blocks.enumerated() {
            for (name, value) in block.differences(headSize: headSize, rotary: rotary) {
                add("\(layer).\(name)", value)
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension BlockDescription {
    /// The differences from a plain block.
    ///
    /// - Parameter rotary: the first block's rotary embedding, which is in the first line of the text.
    fileprivate func differences(headSize: Int, rotary: RotaryDescription?) -> [(String, String)] {
        var found: [(String, String)] = []
        if norms != [.beforeAttention, .beforeMLP] { found.append(("norms", "\(norms.rawValue)")) }
        if residual != .sequential { found.append(("residual", residual.rawValue)) }
        if residualMultiplier != 1 { found.append(("residualMultiplier", "\(residualMultiplier)")) }
        let a = attention
        if a.rotary != rotary {
            found.append(
                ("rotary", a.rotary.map { "\($0.size) \($0.base) \($0.scaling.canonicalText)" } ?? "none"))
        } else if let rotary, rotary.size != headSize {
            found.append(("rotary.size", "\(rotary.size)"))
        }
        if let window = a.window { found.append(("window", "\(window)")) }
        if a.scale != 1 / Float(headSize).squareRoot() { found.append(("scale", "\(a.scale)")) }
        if let cap = a.softCap { found.append(("softCap", "\(cap)")) }
        if a.queryKeyNorm != .none { found.append(("queryKeyNorm", a.queryKeyNorm.rawValue)) }
        if let clip = a.clip { found.append(("clip", "\(clip)")) }
        if a.hasSinks { found.append(("sinks", "learned")) }
        switch mlp {
        case .gated(.silu): break
        case .gated(let activation): found.append(("mlp", "gated \(activation.rawValue)"))
        case .plain(let activation): found.append(("mlp", "plain \(activation.rawValue)"))
        case .experts(let e):
            found.append(
                (
                    "mlp",
                    "\(e.perToken) of \(e.count) experts \(e.weighting.rawValue)"
                        + (e.limitedGate.map { " limit \($0.limit) slope \($0.slope)" } ?? "")
                ))
        }
        return found
    }
}

extension RopeScaling {
    fileprivate var canonicalText: String {
        let module = "LlamaRuntime.RopeScaling"
        switch self {
        case .none: return "\(module).none"
        case .linear(let factor): return "\(module).linear(factor: \(factor))"
        case .llama3(let factor, let low, let high, let context):
            return "\(module).llama3(factor: \(factor), lowFrequencyFactor: \(low), highFrequencyFactor: \(high), "
                + "originalContext: \(context))"
        case .divisors(let divisors): return "\(module).divisors(\(divisors))"
        case .yarn(let y):
            return
                "yarn \(y.factor) \(y.originalContext) \(y.fastRotations) \(y.slowRotations) \(y.magnitude) \(y.roundsEnds)"
        case .longRope(let l): return "longrope \(l.originalContext) \(l.magnitude) \(l.short) \(l.long)"
        }
    }
}
