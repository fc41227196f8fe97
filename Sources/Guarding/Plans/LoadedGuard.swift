import DataFiles
import Evaluation
import Foundation
import Monitoring
import Probing
import Tasks
import TensorCore
import Transformer

/// A guard with everything that its file names: lists, probes and the monitor, ready for a model.
public struct LoadedGuard: Sendable {
    /// The checks of the prompt; the first that objects decides.
    public var input: [any TextFilter]
    /// The monitor that watches the heads; nil for none.
    public var monitor: HeadMonitor?
    /// What is done if the monitor flags a text.
    public var response: MonitorResponse
    /// The checks of the text.
    public var output: [any TextFilter]
    /// Where events are written; nil for nowhere.
    public var log: GuardLog?

    /// A guard made in memory; parts that aren't given aren't checked.
    public init(
        input: [any TextFilter] = [], monitor: HeadMonitor? = nil, response: MonitorResponse = .log,
        output: [any TextFilter] = [], log: GuardLog? = nil
    ) {
        self.input = input
        self.monitor = monitor
        self.response = response
        self.output = output
        self.log = log
    }

    /// Reads a guard's file and the files that it names.
    ///
    /// - Parameter isCancelled: asked while programs run.
    /// - Throws: `InputError` if a file is missing or wrong, or was made for another model.
    public init(
        contentsOf url: URL, model: LanguageModel, workers: WorkerPool,
        isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
    ) throws {
        let plan = try GuardPlan(contentsOf: url)
        let folder = url.deletingLastPathComponent()
        func file(_ path: String) -> URL {
            path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)
        }
        let fingerprint = try model.fingerprint(workers: workers)
        func filter(_ plan: GuardPlan.FilterPlan) throws -> any TextFilter {
            switch plan.kind {
            case .phrases(let path): return try PhraseFilter(contentsOf: file(path), name: plan.name)
            case .command(let command, let timeout):
                var judge = CommandJudge(command, name: plan.name, timeout: timeout)
                judge.isCancelled = isCancelled
                return JudgeFilter(judge, limit: plan.limit)
            case .probes(let path, let heads):
                let probes = try ProbeFile(contentsOf: file(path), model: fingerprint)
                let chosen = try heads.map { head in
                    guard let probe = probes.detectors.first(where: { $0.head == head }), probes.site == .z else {
                        throw InputError(
                            .unknownName, "the head \(head), which has no probe", in: file(path).path,
                            remedy: "name one of the \(probes.detectors.count) heads that the file has")
                    }
                    return probe
                }
                let name = plan.name ?? file(path).deletingPathExtension().lastPathComponent
                return JudgeFilter(
                    try ProbeJudge(name, model: model, probes: chosen, workers: workers), limit: plan.limit)
            }
        }
        let monitor = try plan.activations.map { activations in
            let monitor = try HeadMonitor(contentsOf: file(activations.monitor))
            try monitor.check(model, workers: workers, place: file(activations.monitor).path)
            return monitor
        }
        self.init(
            input: try plan.input.map(filter), monitor: monitor, response: plan.activations?.response ?? .log,
            output: try plan.output.map(filter), log: plan.log.map { GuardLog(file($0)) })
    }
}
