import Foundation
import Transformer

extension Comparison {
    /// Decoding one stream with an active plan: against all rivals, as a share of the memory's speed, and the plan's
    /// cost.
    func decodeRows() throws -> [CompareRow] {
        let prompt = work.tokens(Self.decodePrompt)
        let tokens = work.tokens(Self.decodeTokens, stream: 1)
        let plan = work.plan()
        let native = Goal.atLeast(exact: 1.15, fast: 1.5)
        var rows = try decoding(prompt: Self.decodePrompt, tokens: Self.decodeTokens).rows(
            self, goals: [.llamaCpp: native, .llamaCppWithoutAMX: .atLeast(exact: 1.7, fast: 2.3)], best: native)
        let needed = Double(try own.bytesReadPerToken())
        let size = try own.weightBytes()
        let limit = try Pairing.alternate(
            rounds: rounds, ownWork: Double(tokens.count), peerWork: 1,
            own: { try own.decodeSeconds(prompt: prompt, tokens: tokens, edits: plan) },
            peer: { needed / MemoryBandwidth.bytesPerSecond(size: size, workers: own.workers) })
        let bandwidth = CompareRow.rate(Spread(limit.peer).median * needed / 1e9, "GB/s")
        rows.append(
            CompareRow(
                "decode, share of what reading the weights allows", limit, unit: "tokens/s",
                peer: "memory at \(bandwidth)", goal: .atLeast(exact: 0.6, fast: 0.8)))
        rows.append(try planCost(prompt: prompt, tokens: tokens, plan: plan))
        return rows
    }

    /// Decoding far into a text: against the beginning of the text, and against the rivals based on llama.cpp.
    func contextRows() throws -> [CompareRow] {
        let long = min(Self.longPrompt, own.configuration.context - Self.decodeTokens)
        let after = { count in try decodeSeconds(prompt: count) }
        let slowdown = try Pairing.alternate(
            rounds: rounds, ownWork: Double(Self.decodeTokens), peerWork: Double(Self.decodeTokens),
            own: { try after(long) }, peer: { try after(Self.decodePrompt) })
        let row = CompareRow(
            "decode after \(long) tokens ÷ after \(Self.decodePrompt)", slowdown, unit: "tokens/s",
            peer: "after \(Self.decodePrompt)", goal: .atLeast(exact: 0.7, fast: 0.7))
        return try [row]
            + decoding(prompt: long, tokens: Self.decodeTokens).rows(
                self, against: [.llamaCpp, .llamaCppWithoutAMX, .ikLlama])
    }

    /// Decoding one stream with an active plan, as a contest.
    func decoding(prompt length: Int, tokens count: Int) -> Contest {
        let prompt = work.tokens(length)
        let tokens = work.tokens(count, stream: 1)
        let plan = work.plan()
        return Contest(
            work: "decode after \(length) tokens, 4-head plan active", ownWork: count, rivalWork: count,
            operation: "decode", fields: ["prompt": prompt, "tokens": tokens],
            own: { try own.decodeSeconds(prompt: prompt, tokens: tokens, edits: plan) })
    }

    private func decodeSeconds(prompt: Int) throws -> Double {
        try own.decodeSeconds(
            prompt: work.tokens(prompt), tokens: work.tokens(Self.decodeTokens, stream: 1), edits: work.plan())
    }

    /// The share that an active plan adds to the time of decoding.
    ///
    /// Two sequences, one with the plan and one without, take turns token by token, so that no disturbance that lasts
    /// longer than a token can favour one of them.
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
                // Alternates which side goes first, because the second side finds the weights in the caches as the
                // first left them.
                for side in index % 2 == 0 ? [0, 1] : [1, 0] {
                    let (run, edits) = runs[side]
                    seconds[side] += try Stopwatch.seconds { try run.advance([Step(tokens: [token], edits: edits)]) }
                }
            }
            // The first round only warms up.
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
