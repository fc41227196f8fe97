import ArgumentParser
import DataFiles
import Documents
import Foundation
import Generation
import Monitoring
import Reporting
import Tokenization
import Transformer

/// `headsteer monitor watch`: a text, generated while a monitor watches.
struct MonitorWatchCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Generate a text while a monitor watches it.",
        discussion: """
            Takes the options of generate. Alarms go to standard error as they come, one JSON object a line, or with \
            --json into the field "alarms". On a terminal a map of all heads, which names the alarms too, takes their \
            place while the text grows, unless --no-live is given. --response stop ends a flagged text before the \
            token that the flagged position chose; --response steer-back holds the heads that were named within their \
            clean range from the next token on.

            Example:
              headsteer monitor watch model.gguf --monitor monitor.safetensors --prompt "My day at work was" --plan plan.json
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var monitor: MonitorOption

    @Option(help: "What to do about a flagged text: log it, stop it, or steer back the heads that were named.")
    var response = MonitorResponse.log

    @Flag(inversion: .prefixedNo, help: "Show a map of all heads while the text grows, on a terminal.")
    var live = true

    @OptionGroup var generation: GenerationOptions

    @Flag(help: "Use the monitor on a model that it was not fitted on, if the shape is the same.")
    var watchOtherModel = false

    @OptionGroup var common: CommonOptions

    struct Alarm: Encodable {
        var position: Int
        var score: Double
        var heads: [String]
        var changed: [String]
        var sites: [String]

        init(_ score: TokenScore) {
            position = score.position
            self.score = score.score
            heads = score.heads.map { "\($0.head)" }
            changed = score.heads.filter { $0.reason == .changed }.map { "\($0.head)" }
            sites = score.sites.map { "\($0)" }
        }
    }

    struct Output: Encodable {
        var promptIds: [Int]
        var ids: [Int]
        var text: String
        /// Why the text ended; `alarm` if the monitor ended it.
        var stopReason: String
        var flagged: Bool
        var flaggedAt: Int?
        var alarms: [Alarm]
        var scores: Aggregates
        var behaviours: [AnswerScore.BehaviourScore]
        /// The heads that were held within their range.
        var held: [String]
        var promptSeconds: Double
        var generateSeconds: Double
    }

    func run(_ environment: CommandEnvironment) throws {
        let opened = try OpenedModel(model.model, common, template: generation.template)
        let monitor = try monitor.load(for: opened, allowOtherModel: watchOtherModel, environment)
        let templateSettings = try opened.templateSettings(isUsed: generation.chat != nil, environment)
        let prepared = try generation.prepare(opened, environment)
        let (request, tokenizer) = (prepared.request, prepared.tokenizer)
        let watched = try WatchedGeneration(
            request, monitor: monitor, model: opened.model, workers: opened.workers, response: response)
        watched.isCancelled = { environment.interruption.isRequested }
        let console = environment.console
        let view = live && !common.json ? LiveMonitorView(monitor, console) : nil
        let isStreaming = !common.json && console.isOutputTerminal && view == nil
        var decoder = tokenizer.map { StreamingDecoder($0, continuing: true) }
        var text = ""
        var wrapping = WrappedStream(width: console.proseWidth)
        func take(_ new: String) {
            text += new
            view?.append(new)
            if isStreaming, !new.isEmpty { console.outputFragment(wrapping.take(new)) }
        }
        var alarms: [Alarm] = []
        watched.onAlarm = { score in
            let alarm = Alarm(score)
            alarms.append(alarm)
            guard !common.json, view == nil else { return }
            // If text and alarms share a terminal, the alarm begins a new line.
            if isStreaming {
                console.outputFragment(wrapping.finish())
                wrapping = WrappedStream(width: console.proseWidth)
                if let last = text.last, !last.isNewline { console.output("") }
            }
            console.error(Self.line(alarm))
        }
        if let view { watched.onScore = { view.show($0, headScores: $1) } }
        let start = Date()
        var firstToken = start
        while let id = try watched.next() {
            if watched.ids.count == 1 { firstToken = Date() }
            // A padded vocabulary's token has no text.
            if !request.endTokens.contains(id) { take((try? decoder?.text(for: id)) ?? "") }
        }
        let end = Date()
        take(decoder?.finish() ?? "")
        view?.finish()
        if isStreaming { console.output(wrapping.finish()) }
        try environment.interruption.check()
        let reason = try stopReason(watched, opened)
        let answer = watched.answer
        if common.json {
            return try console.json(
                Output(
                    promptIds: request.prompt, ids: watched.ids, text: text, stopReason: reason,
                    flagged: answer.flagged, flaggedAt: answer.flaggedAt, alarms: alarms, scores: answer.scores,
                    behaviours: answer.behaviours, held: watched.heldHeads.map { "\($0)" },
                    promptSeconds: firstToken.timeIntervalSince(start),
                    generateSeconds: watched.ids.isEmpty ? 0 : end.timeIntervalSince(firstToken)),
                precision: common.precision, template: templateSettings)
        }
        if !isStreaming { console.prose(text) }
        console.error(Self.summary(answer, stopped: watched.isStopped, held: watched.heldHeads))
    }

    private func stopReason(_ watched: WatchedGeneration, _ opened: OpenedModel) throws -> String {
        if watched.isStopped { return "alarm" }
        guard let reason = watched.stopReason, reason != .cancelled else { throw CancellationError() }
        guard reason != .notFinite else { throw opened.notFinite(after: watched.ids.count) }
        return reason.rawValue
    }

    /// One line of JSON.
    static func line(_ alarm: Alarm) -> String {
        (try? JSONEncoder.oneLine.encode(alarm)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    static func summary(_ answer: AnswerScore, stopped: Bool, held: [Head]) -> String {
        let names = answer.sites.map { "\($0)" } + answer.heads.map { "\($0.head)" }
        let shown = names.prefix(8).joined(separator: " ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
        var text =
            answer.flagged
            ? "flagged at position \(answer.flaggedAt ?? 0): \(shown)"
            : "not flagged; \(answer.alarms) alarms at \(answer.positions) positions"
        if stopped { text += "; the text was ended there" }
        if !held.isEmpty { text += "; held within their range: \(held.map { "\($0)" }.joined(separator: " "))" }
        for behaviour in answer.behaviours {
            text += NumberText.format(
                "\n%@: maximum %.2f, mean %.2f, EWMA %.2f%@", behaviour.behaviour, behaviour.scores.maximum,
                behaviour.scores.mean, behaviour.scores.ewma, behaviour.flagged.isEmpty ? "" : "  (alarm)")
        }
        return text
    }
}

extension MonitorResponse: ExpressibleByArgument {}
