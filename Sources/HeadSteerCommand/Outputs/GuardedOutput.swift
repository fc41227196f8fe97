import DataFiles
import Foundation
import Generation
import Guarding
import Monitoring
import Reporting
import Tokenization

/// `generate --guard`: a text that is checked before, while and after it is written.
struct GuardedOutput {
    let path: String
    let generation: GenerationOptions
    let common: CommonOptions

    struct Output: Encodable {
        struct Guard: Encodable {
            var outcome: GuardEvent.Outcome
            var refusals: [Refusal]
            var flagged: Bool
            var alarms: [MonitorWatchCommand.Alarm]
            var scores: Aggregates?
            var behaviours: [AnswerScore.BehaviourScore]
            var held: [String]
        }
        var promptIds: [Int]
        var ids: [Int]
        var text: String
        /// Why the text ended; `refused` for a prompt that was not answered or a text that isn't shown, `alarm` for a
        /// text that the monitor ended.
        var stopReason: String
        var `guard`: Guard
        var seconds: Double
    }

    func run(
        _ prepared: GenerationOptions.Prepared, _ opened: OpenedModel, _ template: ChatTemplateSettings?,
        _ environment: CommandEnvironment
    ) throws {
        let request = prepared.request
        let interruption = environment.interruption
        try requireApart(opened)
        let guarded = try LoadedGuard(
            contentsOf: URL(filePath: path), model: opened.model, workers: opened.workers,
            isCancelled: { interruption.isRequested })
        let tokenizer = try opened.tokenizer
        var running = GuardedGeneration(guarded, model: opened.model, tokenizer: tokenizer, workers: opened.workers)
        running.isCancelled = { interruption.isRequested }
        let start = Date()
        let prompt = try generation.promptText ?? tokenizer.decode(request.prompt)
        let console = environment.console
        let result = try running.run(request, prompt: prompt) { score in
            if !common.json { console.error(MonitorWatchCommand.line(MonitorWatchCommand.Alarm(score))) }
        }
        guard result.stopReason != .notFinite else { throw opened.notFinite(after: result.ids.count) }
        if common.json {
            return try console.json(
                output(request, result, seconds: Date().timeIntervalSince(start)), precision: common.precision,
                template: template)
        }
        if !result.text.isEmpty { console.prose(result.text) }
        for (index, refusal) in result.refusals.enumerated() {
            // Only the last one can have refused; the others flagged.
            let isRefused = result.outcome == .refused && index == result.refusals.count - 1
            let done = isRefused ? "refused" : "flagged"
            console.error("\(done) by \(refusal.layer.rawValue) (\(refusal.filter)): \(refusal.reason)")
        }
    }

    private func output(_ request: GenerationRequest, _ result: GuardedGeneration.Result, seconds: Double) -> Output {
        let wasEnded = result.refusals.last?.layer == .activations && result.outcome == .refused
        return Output(
            promptIds: request.prompt, ids: result.ids, text: result.text,
            stopReason: wasEnded
                ? "alarm" : result.outcome == .refused ? "refused" : result.stopReason?.rawValue ?? "refused",
            guard: Output.Guard(
                outcome: result.outcome, refusals: result.refusals, flagged: result.answer?.flagged ?? false,
                alarms: result.alarms.map { MonitorWatchCommand.Alarm($0) }, scores: result.answer?.scores,
                behaviours: result.answer?.behaviours ?? [], held: result.heldHeads.map { "\($0)" }),
            seconds: seconds)
    }

    /// Makes sure that the log is none of the files that the command reads.
    private func requireApart(_ opened: OpenedModel) throws {
        let url = URL(filePath: path)
        let plan = try GuardPlan(contentsOf: url)
        guard let log = plan.log else { return }
        let folder = url.deletingLastPathComponent()
        func file(_ path: String) -> URL { path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path) }
        let read = plan.files.map(file) + [url, URL(filePath: opened.path)]
        try OutputFile.requireApart(
            file(log), from: read + (generation.plan.plan.map { [URL(filePath: $0)] } ?? []), option: "the guard's log")
    }
}
