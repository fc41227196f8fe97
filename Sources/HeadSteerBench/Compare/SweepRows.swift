import DataFiles
import Foundation
import TensorCore

extension Comparison {
    /// Editing each head on its own, against the program of the first round and against a loop of hooks.
    func sweepRows() throws -> [CompareRow] {
        try [firstRoundRow()] + ["float32", "bfloat16"].map { try hooksRow($0) }
    }

    private static let sweepPrompts = 6
    private static let sweepLength = 8

    private func sweepName(_ heads: Int) -> String {
        "causal sweep, \(heads) heads × \(Self.sweepPrompts) prompts of \(Self.sweepLength) tokens"
    }

    /// Starts both programs again for each measurement; they time the sweep themselves, without opening the model.
    private func firstRoundRow() throws -> CompareRow {
        let heads = own.configuration.layers * own.configuration.heads
        let goal = Goal.atLeast(exact: 1.5, fast: 1.5)
        let name = "HeadSteer of the first round"
        return try .measured(sweepName(heads), peer: name, goal: goal) {
            guard let program = files.firstRound else {
                throw InputError.usage(
                    "its program isn't named", remedy: "build headsteer-bench at its commit and give --first-round")
            }
            let ours = try ProgramRun.ownProgram()
            func seconds(_ program: URL) throws -> Double {
                try SweepProcess(
                    program, own, precision: precision, prompts: Self.sweepPrompts, tokens: Self.sweepLength
                ).seconds
            }
            let pairing = try Pairing.alternate(
                rounds: rounds, ownWork: Double(heads), peerWork: Double(heads), own: { try seconds(ours) },
                peer: { try seconds(URL(filePath: program)) })
            return CompareRow(sweepName(heads), pairing, unit: "heads/s", peer: name, goal: goal)
        }
    }

    /// Measures the loop on some of the heads, since each head takes equally long there.
    private func hooksRow(_ type: String) throws -> CompareRow {
        let sweep = work.sweep(prompts: Self.sweepPrompts, length: Self.sweepLength)
        let sample = work.sweep(prompts: Self.sweepPrompts, length: Self.sweepLength, heads: 27)
        let fields: [String: Any] = [
            "prompts": sample.items.map(\.prompt), "sites": sample.edits.map { [$0.layer, $0.head] },
            "strength": Double(Workload.strength),
        ]
        let name = "transformers \(type), hooks, \(sample.edits.count) of the heads, prompts in one batch"
        return try .measured(sweepName(sweep.edits.count), peer: name) {
            let peer = try peers.transformers(type)
            let pairing = try Pairing.alternate(
                rounds: rounds, ownWork: Double(sweep.edits.count), peerWork: Double(sample.edits.count),
                own: { try own.sweepSeconds(sweep) }, peer: { try peer.seconds("sweep", fields) })
            return CompareRow(sweepName(sweep.edits.count), pairing, unit: "heads/s", peer: name, goal: nil)
        }
    }
}
