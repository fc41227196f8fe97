extension Comparison {
    /// Reading z of all heads at the last position of many texts, against transformers with a hook in each layer.
    func collectRows() throws -> [CompareRow] {
        let texts = work.texts(64, length: 48)
        let tokens = Double(64 * 48)
        return try ["float32", "bfloat16"].map { type in
            let name = "transformers \(type), batches of 16, hooks"
            return try .measured("z of all heads", peer: name) {
                let peer = try peers.transformers(type)
                let pairing = try Pairing.alternate(
                    rounds: rounds, ownWork: tokens, peerWork: tokens, own: { try own.collectSeconds(texts) },
                    peer: { try peer.seconds("collect", ["texts": texts, "batch": 16]) })
                return CompareRow(
                    "z of all heads, 64 prompts × 48 tokens", pairing, unit: "tokens/s", peer: name, goal: nil)
            }
        }
    }

    /// Decoding many streams together, against one stream of a rival, as in a loop over texts.
    func streamRows() throws -> [CompareRow] {
        let streams = 16
        let prompt = work.tokens(Self.decodePrompt)
        let tokens = work.tokens(Self.decodeTokens / 2, stream: 1)
        let goal = Goal.atLeast(exact: 5, fast: 8)
        return try Contest(
            work: "decode, \(streams) streams together ÷ one stream", ownWork: streams * tokens.count,
            rivalWork: tokens.count, operation: "decode", fields: ["prompt": prompt, "tokens": tokens],
            own: { try own.decodeSeconds(prompt: prompt, tokens: tokens, streams: streams) }
        ).rows(self, against: [.llamaCpp, .llamaCppWithoutAMX], goals: [.llamaCpp: goal], best: goal)
    }
}
