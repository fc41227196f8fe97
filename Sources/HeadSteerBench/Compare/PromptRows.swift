extension Comparison {
    /// Reading a prompt, against all rivals with the same file.
    func promptRows() throws -> [CompareRow] {
        let native = Goal.atLeast(exact: 1.0, fast: 2.2)
        return try prompt.rows(
            self, goals: [.llamaCpp: native, .llamaCppWithoutAMX: .atLeast(exact: 3, fast: 6)], best: native)
    }

    /// Reading a prompt, against others in the formats that suit them.
    func formatRows() throws -> [CompareRow] {
        let formats = try ["Q8_0", "Q4_K_M", "F16", "BF16"].map { (format: String) in
            try formatRow("llama.cpp \(format)") { try peers.rival(.llamaCpp, format: format) }
        }
        let ik = try formatRow("ik_llama.cpp Q4_K_M") { try peers.rival(.ikLlama, format: "Q4_K_M") }
        let types = try ["float32", "bfloat16"].map { (type: String) in
            try formatRow("transformers \(type)") { try peers.transformers(type) }
        }
        return formats + [ik] + types
    }

    private var prompt: Contest {
        let tokens = work.tokens(min(Self.promptTokens, own.configuration.context))
        return Contest(
            work: "prompt of \(tokens.count)", ownWork: tokens.count, rivalWork: tokens.count, operation: "prompt",
            fields: ["tokens": tokens], own: { try own.promptSeconds(tokens) })
    }

    private func formatRow(_ name: String, _ start: () throws -> Peer) throws -> CompareRow {
        try .measured(prompt.work, peer: name) {
            let pairing = try prompt.pairing(with: start(), rounds: rounds)
            return CompareRow(prompt.work, pairing, unit: "tokens/s", peer: name, goal: nil)
        }
    }
}
