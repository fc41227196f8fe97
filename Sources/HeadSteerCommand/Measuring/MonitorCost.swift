import Foundation
import Monitoring
import TensorCore
import Transformer

/// What watching costs: two copies of one sequence, one of them watched, are continued token by token in turns.
struct MonitorCost: Encodable {
    /// The median time of a token in the plain copy.
    var plainMilliseconds: Double
    /// The median time of a token in the watched copy.
    var watchedMilliseconds: Double
    /// The median over tokens of the additional time of the watched copy, as a share of the plain copy's median.
    var share: Double

    /// - Parameters:
    ///   - prompt: the tokens that both copies begin with.
    ///   - count: the number of tokens that follow.
    init(
        _ monitor: HeadMonitor, _ run: Run, prompt: [Int], count: Int, progress: (Int) throws -> Void
    ) throws {
        let model = run.model
        let watch = SequenceWatch(monitor, model.configuration, promptCount: prompt.count, workers: run.workers)
        run.sequences = [model.makeSequence(promptCount: prompt.count)]
        var rest = prompt[...]
        var token = 0
        while !rest.isEmpty {
            let piece = Array(rest.prefix(128))
            rest = rest.dropFirst(piece.count)
            let result = try run.advance([Step(tokens: piece, reads: watch.reads(next: piece.count), logits: .last)])[0]
            _ = watch.take(result.reads, next: piece.count)
            if rest.isEmpty { token = Self.largest(result.logits.row(result.logits.rows - 1)) }
        }
        run.sequences.append(run.sequences[0])
        run.observers[1] = watch
        defer { run.observers = [:] }
        var (plain, watched, more): ([Double], [Double], [Double]) = ([], [], [])
        for step in 0..<count {
            var next = token
            func advancePlain() throws -> Double {
                let start = DispatchTime.now().uptimeNanoseconds
                let result = try run.advance([Step(sequence: 0, tokens: [token])])[0]
                next = Self.largest(result.logits.row(0))
                return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
            }
            func advanceWatched() throws -> Double {
                let start = DispatchTime.now().uptimeNanoseconds
                watch.begin()
                let result = try run.advance([Step(sequence: 1, tokens: [token])])[0]
                _ = watch.finish()
                _ = Self.largest(result.logits.row(0))
                return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
            }
            // The order alternates, so that neither copy always finds the other's memory in the caches.
            let plainFirst = step.isMultiple(of: 2)
            let first = try plainFirst ? advancePlain() : advanceWatched()
            let second = try plainFirst ? advanceWatched() : advancePlain()
            plain.append(plainFirst ? first : second)
            watched.append(plainFirst ? second : first)
            more.append(watched[step] - plain[step])
            token = next
            try progress(step + 1)
        }
        plainMilliseconds = Self.median(plain)
        watchedMilliseconds = Self.median(watched)
        share = Self.median(more) / max(plainMilliseconds, 1e-9)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    private static func largest(_ logits: ArraySlice<Float>) -> Int {
        (logits.indices.max { logits[$0] < logits[$1] } ?? logits.startIndex) - logits.startIndex
    }
}
