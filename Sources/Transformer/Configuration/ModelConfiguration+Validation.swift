import DataFiles

extension ModelConfiguration {
    /// Checks that the sizes fit together, so that no product of them overflows and nothing is divided by zero.
    ///
    /// - Parameter path: the checkpoint's path, for messages.
    /// - Throws: `InputError` of the kind `.badData` that names the size.
    func validate(path: String) throws {
        func check(_ condition: Bool, _ problem: String) throws {
            guard condition else {
                throw InputError.badData(problem, in: path, remedy: "fetch or convert the model again")
            }
        }
        // The bounds are far above any real model.
        for (name, value, bound) in [
            ("number of layers", layers, 1 << 16), ("number of heads", heads, 1 << 16),
            ("number of key-value heads", kvHeads, 1 << 16), ("head size", headSize, 1 << 16),
            ("width", width, 1 << 24), ("feed-forward width", feedForward, 1 << 24),
            ("vocabulary size", vocabulary, 1 << 26), ("context length", context, 1 << 30),
        ] {
            try check(value >= 1 && value <= bound, "\(value) as the \(name)")
        }
        try check(heads % kvHeads == 0, "\(heads) query heads, which \(kvHeads) key-value heads can't share evenly")
        try check(norm.epsilon >= 0 && norm.epsilon.isFinite, "a norm epsilon of \(norm.epsilon)")
        try check(
            embedding.multiplier.isFinite && embedding.multiplier != 0,
            "an embedding multiplier of \(embedding.multiplier)")
        try check(
            unembedding.multiplier.isFinite && unembedding.multiplier != 0,
            "a multiplier of the logits of \(unembedding.multiplier)")
        try check(
            unembedding.softCap.map { $0 > 0 && $0.isFinite } ?? true, "a soft cap of the logits that is not above 0")
        precondition(blocks.count == layers, "A configuration describes each of its \(layers) blocks.")
        for block in blocks { try block.validate(headSize: headSize, check: check) }
    }
}

extension BlockDescription {
    fileprivate func validate(headSize: Int, check: (Bool, String) throws -> Void) throws {
        if let rotary = attention.rotary {
            // An odd size would leave a value without a partner.
            try check(
                rotary.size % 2 == 0, "an odd head size (\(rotary.size)), which the rotary embedding can't rotate")
            try check(
                rotary.size >= 2 && rotary.size <= headSize,
                "a rotary embedding of \(rotary.size) of the \(headSize) values of a head")
            try check(rotary.base > 0 && rotary.base.isFinite, "a rope base of \(rotary.base)")
        }
        try check(attention.window.map { $0 >= 1 } ?? true, "a window of \(attention.window ?? 0) positions")
        try check(attention.scale.isFinite, "an attention scale of \(attention.scale)")
        try check(
            attention.softCap.map { $0 > 0 && $0.isFinite } ?? true, "a soft cap of attention that is not above 0")
        try check(residualMultiplier.isFinite, "a residual multiplier of \(residualMultiplier)")
        if case .experts(let experts) = mlp {
            try check(experts.count >= 1 && experts.count <= 1 << 16, "\(experts.count) as the number of experts")
            try check(
                experts.perToken >= 1 && experts.perToken <= experts.count,
                "\(experts.perToken) of \(experts.count) experts for a token")
        }
    }
}
