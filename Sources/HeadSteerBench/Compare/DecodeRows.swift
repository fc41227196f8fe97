import Foundation
import Transformer

extension Comparison {
    /// Decoding one stream: against llama.cpp, what a plan costs, and how near it comes to the memory's speed.
    func decodeRows() throws -> [CompareRow] {
        let prompt = work.tokens(Self.decodePrompt)
        let tokens = work.tokens(Self.decodeTokens, stream: 1)
        let plan = work.plan()
        let fields: [String: Any] = ["prompt": prompt, "tokens": tokens]
        func pairing(with peer: Peer) throws -> Pairing {
            try Pairing.alternate(
                rounds: rounds, ownWork: Double(tokens.count), peerWork: Double(tokens.count),
                own: { try own.decodeSeconds(prompt: prompt, tokens: tokens, edits: plan) },
                peer: { try peer.seconds("decode", fields) })
        }
        let llama = try pairing(with: peers.llamaCpp())
        let ik = try pairing(with: peers.ikLlama())
        let needed = Double(try own.bytesReadPerToken())
        let size = try own.weightBytes()
        let limit = try Pairing.alternate(
            rounds: rounds, ownWork: Double(tokens.count), peerWork: 1,
            own: { try own.decodeSeconds(prompt: prompt, tokens: tokens, edits: plan) },
            peer: { needed / MemoryBandwidth.bytesPerSecond(size: size, workers: own.workers) })
        let bandwidth = CompareRow.rate(Spread(limit.peer).median * needed / 1e9, "GB/s")
        return [
            CompareRow(
                "decode, one stream, 4-head plan active", llama, unit: "tokens/s",
                peer: "llama.cpp, same file, no edit",
                goal: .atLeast(exact: 1.6, fast: 2.0)),
            CompareRow(
                "decode, one stream, 4-head plan active", ik, unit: "tokens/s",
                peer: "ik_llama.cpp, same file, no edit", goal: nil),
            CompareRow(
                "decode, share of what reading the weights allows", limit, unit: "tokens/s",
                peer: "memory at \(bandwidth)", goal: .atLeast(exact: 0.6, fast: 0.75)),
            try planCost(prompt: prompt, tokens: tokens, plan: plan),
        ]
    }

    /// What an active plan adds to the time of decoding: two sequences, with and without, take turns token by token, so
    /// that nothing that lasts longer than a token can favour one of them.
    private func planCost(prompt: [Int], tokens: [Int], plan: [Edit]) throws -> CompareRow {
        let runs = [plan, []].map { edits in
            let run = Run(own.model, workers: own.workers)
            return (run: run, edits: edits)
        }
        var ratios: [Double] = []
        var rates: [[Double]] = [[], []]
        for round in 0...rounds {
            for (run, edits) in runs {
                run.sequences = [own.model.makeSequence(promptCount: prompt.count)]
                try run.advance([Step(tokens: prompt, edits: edits)])
            }
            var seconds = [0.0, 0.0]
            for (index, token) in tokens.enumerated() {
                // Who goes first changes: the second finds the weights as the first left them in the caches.
                for side in index % 2 == 0 ? [0, 1] : [1, 0] {
                    let (run, edits) = runs[side]
                    seconds[side] += try Stopwatch.seconds { try run.advance([Step(tokens: [token], edits: edits)]) }
                }
            }
            // The first round warms up.
            if round == 0 { continue }
            ratios.append(seconds[0] / seconds[1])
            for side in 0...1 { rates[side].append(Double(tokens.count) / seconds[side]) }
        }
        return CompareRow(
            "cost of an active 4-head plan in decode",
            own: CompareRow.rate(Spread(rates[0]).median, "tokens/s"),
            peer: "without: \(CompareRow.rate(Spread(rates[1]).median, "tokens/s"))", result: Spread(ratios),
            scale: .percent, goal: .atMost(1.01))
    }
}
