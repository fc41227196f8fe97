extension Comparison {
    /// Reading z of all heads at the last position of many texts: against transformers with a hook in each layer.
    func collectRows() throws -> [CompareRow] {
        let texts = work.texts(64, length: 48)
        let tokens = Double(64 * 48)
        func row(_ type: String, goal: Goal?) throws -> CompareRow {
            let peer = try peers.transformers(type)
            let pairing = try Pairing.alternate(
                rounds: rounds, ownWork: tokens, peerWork: tokens, own: { try own.collectSeconds(texts) },
                peer: { try peer.seconds("collect", ["texts": texts, "batch": 16]) })
            return CompareRow(
                "z of all heads, 64 prompts × 48 tokens", pairing, unit: "tokens/s",
                peer: "transformers \(type), batches of 16, hooks", goal: goal)
        }
        return [
            try row("float32", goal: nil), try row("bfloat16", goal: .atLeast(exact: 0.75, fast: 1.3)),
        ]
    }

    /// Decoding many streams together: against one stream of llama.cpp.
    func batchRows() throws -> [CompareRow] {
        let streams = 16
        let prompt = work.tokens(Self.decodePrompt)
        let tokens = work.tokens(Self.decodeTokens / 2, stream: 1)
        let peer = try peers.llamaCpp()
        let pairing = try Pairing.alternate(
            rounds: rounds, ownWork: Double(streams * tokens.count), peerWork: Double(tokens.count),
            own: { try own.decodeSeconds(prompt: prompt, tokens: tokens, streams: streams) },
            peer: { try peer.seconds("decode", ["prompt": prompt, "tokens": tokens]) })
        return [
            CompareRow(
                "decode, \(streams) streams together", pairing, unit: "tokens/s", peer: "llama.cpp, one stream",
                goal: .atLeast(exact: 4.5, fast: 7))
        ]
    }

    /// Editing each head by itself: against a loop of hooks. The loop is measured on some of the heads: each takes as
    /// long as any other there.
    func sweepRows() throws -> [CompareRow] {
        let sweep = work.sweep(prompts: 6, length: 8)
        let sample = work.sweep(prompts: 6, length: 8, heads: 27)
        let fields: [String: Any] = [
            "prompts": sample.items.map(\.prompt), "sites": sample.edits.map { [$0.layer, $0.head] },
            "strength": Double(Workload.strength),
        ]
        func row(_ type: String, goal: Goal?) throws -> CompareRow {
            let peer = try peers.transformers(type)
            let pairing = try Pairing.alternate(
                rounds: rounds, ownWork: Double(sweep.edits.count), peerWork: Double(sample.edits.count),
                own: { try own.sweepSeconds(sweep) }, peer: { try peer.seconds("sweep", fields) })
            return CompareRow(
                "causal sweep, \(sweep.edits.count) heads × 6 prompts of 8 tokens", pairing, unit: "heads/s",
                peer: "transformers \(type), hooks, \(sample.edits.count) of the heads, prompts in one batch",
                goal: goal)
        }
        return [try row("float32", goal: .atLeast(exact: 20, fast: 30)), try row("bfloat16", goal: nil)]
    }
}
