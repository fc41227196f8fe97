extension Comparison {
    /// Reading a prompt: against the same file in llama.cpp, and against whoever is fastest in any format.
    func promptRows() throws -> [CompareRow] {
        let tokens = work.tokens(Self.promptTokens)
        func pairing(with peer: Peer) throws -> Pairing {
            try Pairing.alternate(
                rounds: rounds, ownWork: Double(tokens.count), peerWork: Double(tokens.count),
                own: { try own.promptSeconds(tokens) }, peer: { try peer.seconds("prompt", ["tokens": tokens]) })
        }
        let same = try pairing(with: peers.llamaCpp())
        var rows = [
            CompareRow(
                "prompt of \(tokens.count)", same, unit: "tokens/s", peer: "llama.cpp, same file",
                goal: .atLeast(exact: 2.4, fast: 4.2))
        ]
        var others: [(name: String, pairing: Pairing)] = []
        for format in ["Q8_0", "Q4_K_M", "F16", "BF16"] {
            others.append(("llama.cpp \(format)", try pairing(with: peers.llamaCpp(format))))
        }
        for format in [nil, "Q4_K_M"] {
            others.append(("ik_llama.cpp \(format ?? "same file")", try pairing(with: peers.ikLlama(format))))
        }
        for type in ["float32", "bfloat16"] {
            others.append(("transformers \(type)", try pairing(with: peers.transformers(type))))
        }
        for (name, pairing) in others {
            rows.append(CompareRow("prompt of \(tokens.count)", pairing, unit: "tokens/s", peer: name, goal: nil))
        }
        let best = others.min { $0.pairing.ratio.median < $1.pairing.ratio.median }
        if let best {
            rows.append(
                CompareRow(
                    "prompt of \(tokens.count) ÷ the best peer in any format", best.pairing, unit: "tokens/s",
                    peer: best.name, goal: .atLeast(exact: 0.75, fast: 1.15)))
        }
        return rows
    }
}
