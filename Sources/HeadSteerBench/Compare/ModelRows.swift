import DataFiles
import Foundation
import TensorCore

extension Comparison {
    /// Decoding with other models, which have other shapes and formats that are more expensive to unpack.
    func modelRows() throws -> [CompareRow] {
        try files.models.flatMap { path in
            try other(path, goal: .atLeast(exact: 1.1, fast: 1.4)) { other, goal in
                try other.decoding(prompt: Self.decodePrompt, tokens: Self.decodeTokens).rows(
                    other, against: [.llamaCpp, .llamaCppWithoutAMX, .ikLlama], goals: [.llamaCpp: goal], best: goal)
            }
        }
    }

    /// A model of 7 billion weights: decoding, and the memory of a process.
    func largeRows() throws -> [CompareRow] {
        try other(files.large, goal: Self.largeGoal) { other, _ in
            var other = other
            other.keepsOneRival = true
            return try other.largeDecodeRows() + [try other.residentRow()]
        }
    }

    private static let largeGoal = Goal.atLeast(exact: 1.0, fast: 1.2)

    /// Decoding with a model of 7 billion weights, for fewer tokens than usual.
    func largeDecodeRows() throws -> [CompareRow] {
        try decoding(prompt: Self.decodePrompt, tokens: 16).rows(
            self, against: [.llamaCpp, .llamaCppWithoutAMX, .ikLlama], goals: [.llamaCpp: Self.largeGoal],
            best: Self.largeGoal)
    }

    /// The peak memory of a process that fills a context of 2,048 tokens.
    func residentRow() throws -> CompareRow {
        let positions = min(2048, own.configuration.context)
        let process = try OwnProcess(own, precision: precision, promptTokens: positions - 8, generateTokens: 8)
        let file = Double(try own.weightBytes())
        return CompareRow(
            "resident memory at \(positions) tokens", own: CompareRow.rate(process.seconds, "s"),
            peer: "the file: \(Int(file / 1e6)) MB", result: Spread([Double(process.peakBytes)]), scale: .megabytes,
            goal: .atMost(file + 1.2e9))
    }

    /// The rows for another model, with its name before each name of the work.
    ///
    /// - Parameter goal: the goal for decoding, for a row that reports a missing file.
    private func other(
        _ path: String, goal: Goal, _ rows: (Comparison, Goal) throws -> [CompareRow]
    ) throws -> [CompareRow] {
        let url = URL(filePath: path)
        let name = url.deletingPathExtension().lastPathComponent
        guard FileManager.default.fileExists(atPath: path) else {
            let reason = InputError.missingFile(path, remedy: "fetch it or make it as Fixtures/peers/README.md says")
            return [CompareRow("\(name): decode", peer: "the model", notRun: reason, goal: goal)]
        }
        let own = try OwnModel(path: path, precision: precision, threads: self.own.workers.count)
        let other = Comparison(
            own: own, work: Workload(own.configuration),
            peers: peers.with(model: path, check: try PeerCheck(own), context: 2048), rounds: rounds)
        return try rows(other, goal).map { row in
            var row = row
            row.work = "\(name): \(row.work)"
            return row
        }
    }
}
