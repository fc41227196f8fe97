extension Comparison {
    /// Reading a prompt: against the same file in llama.cpp.
    func promptRows() throws -> [CompareRow] {
        let pairing = try promptPairing(with: peers.llamaCpp())
        return [promptRow(pairing, peer: "llama.cpp, same file", goal: .atLeast(exact: 2.4, fast: 4.2))]
    }

    /// Reading a prompt: against every peer in its formats, and against whoever is the fastest of them.
    func formatRows() throws -> [CompareRow] {
        var rivals: [(name: String, peer: () throws -> Peer)] = []
        for format in ["Q8_0", "Q4_K_M", "F16", "BF16"] {
            rivals.append(("llama.cpp \(format)", { try peers.llamaCpp(format) }))
        }
        rivals.append(("ik_llama.cpp, same file", { try peers.ikLlama() }))
        rivals.append(("ik_llama.cpp Q4_K_M", { try peers.ikLlama("Q4_K_M") }))
        for type in ["float32", "bfloat16"] {
            rivals.append(("transformers \(type)", { try peers.transformers(type) }))
        }
        let measured = try rivals.map { (name: $0.name, pairing: try promptPairing(with: $0.peer())) }
        var rows = measured.map { promptRow($0.pairing, peer: $0.name, goal: nil) }
        if let best = measured.min(by: { $0.pairing.ratio.median < $1.pairing.ratio.median }) {
            var row = promptRow(
                best.pairing, peer: "the best of all: \(best.name)", goal: .atLeast(exact: 0.75, fast: 1.15))
            row.work += ", best peer in any format"
            rows.append(row)
        }
        return rows
    }

    private func promptPairing(with peer: Peer) throws -> Pairing {
        let tokens = work.tokens(Self.promptTokens)
        return try Pairing.alternate(
            rounds: rounds, ownWork: Double(tokens.count), peerWork: Double(tokens.count),
            own: { try own.promptSeconds(tokens) }, peer: { try peer.seconds("prompt", ["tokens": tokens]) })
    }

    private func promptRow(_ pairing: Pairing, peer: String, goal: Goal?) -> CompareRow {
        CompareRow("prompt of \(Self.promptTokens)", pairing, unit: "tokens/s", peer: peer, goal: goal)
    }
}
