import TensorCore
import Transformer

/// The seconds that some passes spent in each stage, and the time that the workers waited during them.
struct PassProfile {
    private(set) var seconds: [ProfileStage: Double] = [:]
    /// The waits of each worker, the calling thread's first.
    private(set) var waits: [WorkerWaits] = []
    var total: Double { seconds.values.reduce(0, +) }

    /// Times the passes of a run.
    ///
    /// A stage's seconds are those of the calling thread, including its wait for the other workers at the end.
    ///
    /// - Parameters:
    ///   - workers: the run's workers.
    ///   - body: advances the run's sequences.
    static func measure(
        _ run: Run, workers: WorkerPool, _ body: () throws -> Void
    ) rethrows -> PassProfile {
        var profile = PassProfile()
        let clock = ContinuousClock()
        var last = clock.now
        var isFirst = true
        func end(_ stage: ProfileStage) {
            let now = clock.now
            let duration = last.duration(to: now).components
            profile.seconds[stage, default: 0] += Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
            last = now
        }
        run.onSite = { site in
            end(ProfileStage(before: site, isFirst: isFirst))
            // The next pass begins with its embeddings.
            isFirst = site == .logits
        }
        defer { run.onSite = nil }
        profile.waits = try workers.countingWaits(body).waits
        end(.rest)
        return profile
    }
}
