extension Comparison {
    /// All threads against one thread.
    func threadRows() throws -> [CompareRow] {
        guard own.workers.count > 1 else { return [] }
        let single = own.with(threads: 1)
        let prompt = work.tokens(Self.promptTokens)
        let beginning = work.tokens(Self.decodePrompt)
        let tokens = work.tokens(Self.decodeTokens, stream: 1)
        func row(_ name: String, goal: Goal?, work: Int, _ measure: (OwnModel) throws -> Double) rethrows -> CompareRow
        {
            let pairing = try Pairing.alternate(
                rounds: rounds, ownWork: Double(work), peerWork: Double(work), own: { try measure(own) },
                peer: { try measure(single) })
            return CompareRow(
                "\(own.workers.count) threads ÷ one, \(name)", pairing, unit: "tokens/s", peer: "one thread", goal: goal
            )
        }
        return [
            try row("prompt of \(prompt.count)", goal: .atLeast(exact: 1.85, fast: 1.85), work: prompt.count) {
                try $0.promptSeconds(prompt)
            },
            // Decoding has no goal, because it speeds up only until memory is the limit.
            try row("decode", goal: nil, work: tokens.count) {
                try $0.decodeSeconds(prompt: beginning, tokens: tokens)
            },
        ]
    }

    /// The time from opening the file to the first token, including weights and tokenizer.
    ///
    /// The file is in the page cache, and the process has computed nothing before. The start of the process doesn't
    /// count on either side.
    func openingRows() throws -> [CompareRow] {
        let tokens = work.tokens(8)
        let name = "opening the model to the first token"
        let goal = Goal.atMost(0.5)
        return try [Rival.llamaCpp, .llamaCppWithoutAMX].map { rival in
            try .measured(name, peer: rival.name(features: []), goal: goal) {
                // This checks the rival and gives its name.
                let peer = try peers.rival(rival).name
                let pairing = try Pairing.alternate(
                    rounds: rounds, ownWork: 1, peerWork: 1,
                    own: { try process(promptTokens: tokens.count, generateTokens: 0).seconds },
                    peer: { try peers.unopened(rival).seconds("first_token", ["tokens": tokens]) })
                let times = Pairing(own: pairing.own.map { 1 / $0 }, peer: pairing.peer.map { 1 / $0 })
                return CompareRow(
                    name, own: CompareRow.rate(Spread(times.own).median * 1000, "ms"),
                    peer: "\(peer): \(CompareRow.rate(Spread(times.peer).median * 1000, "ms"))", result: times.ratio,
                    scale: .ratio, goal: goal)
            }
        }
    }

    /// The peak memory of a process that reads a prompt and generates, without the weights and the key-value cache.
    func memoryRows() throws -> [CompareRow] {
        let prompt = Self.promptTokens
        let generated = Self.decodeTokens
        let weights = try own.weightBytes()
        let cache = own.cacheBytes(positions: prompt + generated)
        let peaks = try (0..<min(rounds, 3)).map { _ in
            try process(promptTokens: prompt, generateTokens: generated).peakBytes
        }
        return [
            CompareRow(
                "peak memory above weights and cache, prompt of \(prompt), \(generated) generated",
                own: CompareRow.rate(Spread(peaks.map { Double($0) / 1e6 }).median, "MB in all"),
                peer: "weights \(weights / 1_000_000) MB, cache \(cache / 1_000_000) MB",
                result: Spread(peaks.map { Double($0 - weights - cache) }), scale: .megabytes, goal: nil)
        ]
    }

    private func process(promptTokens: Int, generateTokens: Int) throws -> OwnProcess {
        try OwnProcess(own, precision: precision, promptTokens: promptTokens, generateTokens: generateTokens)
    }
}
