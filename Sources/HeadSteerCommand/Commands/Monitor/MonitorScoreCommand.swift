import ArgumentParser
import DataFiles
import Documents
import Foundation
import Monitoring
import Reporting
import Tokenization
import Transformer

/// `headsteer monitor score`: which texts a monitor flags.
struct MonitorScoreCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Show which texts a monitor flags, and which heads it names.",
        discussion: """
            --texts takes the same formats as --clean of monitor fit. The texts are read teacher-forced, under a plan \
            if one is given: position "last" then means the last prompt token and every token after it; in a text \
            without a prompt the first token takes its place. With --answer-tokens the model writes an answer to each \
            text, under the plan, and the answers are scored.

            A text is flagged if the score of one of its positions is above the monitor's threshold for answers. Heads \
            whose z was changed are named before heads that are only unusual.

            Examples:
              headsteer monitor score model.gguf --monitor monitor.safetensors --texts answers.jsonl
              headsteer monitor score model.gguf --monitor monitor.safetensors --texts prompts.json --answer-tokens 64 --plan plan.json
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var monitor: MonitorOption

    @Option(help: ArgumentHelp("The texts to score: JSON Lines or a JSON array.", valueName: "file"))
    var texts: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Let the model answer each text with at most this many tokens, and score the answers (default: score the \
            texts as they are).
            """, valueName: "n"))
    var answerTokens: Int?

    @Flag(
        help: """
            Score by the range of clean texts alone, without the checks of sums, which notice changes down to rounding.
            """)
    var envelopeOnly = false

    @Flag(
        help: """
            Apply the model's chat template to each text: the prompt is the user's message, and the completion is the \
            answer.
            """)
    var chat = false

    @OptionGroup var template: TemplateOptions
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var seed: SeedOption
    @OptionGroup var plan: PlanOptions

    @Flag(help: "Use the monitor on a model that it was not fitted on, if the shape is the same.")
    var watchOtherModel = false

    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        struct Text: Encodable {
            var flagged: Bool
            var score: Double
            var heads: [String]
            /// The heads among them whose z was changed.
            var changed: [String]
            /// The sites of whole layers that were changed.
            var sites: [String]
            var flaggedAt: Int?
            var scores: Aggregates
            var positions: Int
            var alarms: Int
            var behaviours: [AnswerScore.BehaviourScore]
            var text: String?
        }
        var texts: [Text]
        var flagged: Int
        var answerThreshold: Double
        var tokenThreshold: Double
    }

    func validate() throws {
        if let answerTokens, answerTokens < 1 {
            throw ValidationError("--answer-tokens is \(answerTokens); give a positive number")
        }
        try template.requireUse(chat)
    }

    func run(_ environment: CommandEnvironment) throws {
        let url = URL(filePath: texts)
        let plain = try PlainText.texts(contentsOf: url)
        let opened = try OpenedModel(model.model, common, template: template)
        let monitor = try monitor.load(for: opened, allowOtherModel: watchOtherModel, environment)
        let templateSettings = try opened.templateSettings(isUsed: chat, environment)
        let preparation = try WatchedTextPreparation(opened.tokenizer, usesChatTemplate: chat)
        let name = url.lastPathComponent
        var watched = try plain.map {
            try answerTokens == nil
                ? preparation.prepare($0, file: name) : preparation.preparePrompt($0, file: name)
        }
        let edits = try plan.edits(for: opened, environment)
        if let answerTokens {
            watched = try environment.stage("Writing answers", total: watched.count) { progress in
                var writing = AnswerWriting(
                    opened.model, workers: opened.workers, maxTokens: answerTokens,
                    endTokens: try opened.tokenizer.endOfGenerationTokens,
                    sampling: sampling.sampling(seed: seed.seed))
                writing.edits = edits
                writing.isCancelled = { environment.interruption.isRequested }
                return try writing.answers(to: watched, onProgress: progress)
            }
        }
        let results = try environment.stage("Scoring texts", total: watched.count) { progress in
            var scoring = TextScoring(monitor, opened.model, workers: opened.workers)
            scoring.checksConsistency = !envelopeOnly
            scoring.isCancelled = { environment.interruption.isRequested }
            return try scoring.scores(watched, edits: edits, onProgress: progress)
        }
        try environment.interruption.check()
        let tokenizer = try opened.tokenizer
        let output = Output(
            texts: try zip(results, watched).map { result, text in
                Output.Text(
                    result.answer,
                    text: answerTokens == nil ? nil : try tokenizer.decode(text.completion, continuing: true))
            },
            flagged: results.count { $0.answer.flagged }, answerThreshold: monitor.answerThreshold,
            tokenThreshold: monitor.tokenThreshold)
        if common.json {
            return try environment.console.json(output, precision: common.precision, template: templateSettings)
        }
        environment.console.output(table(output, plain).rendered(environment.console.tableStyle))
        environment.console.output(
            "\n\(output.flagged) of \(output.texts.count) texts flagged (above "
                + NumberText.format("%.3f", output.answerThreshold) + ")")
    }

    private func table(_ output: Output, _ plain: [PlainText]) -> TextTable {
        var table = TextTable([.init("text", .right), .init("score", .right), .init("flagged"), .init("heads")])
        for (index, text) in output.texts.enumerated() {
            let names = text.sites + text.heads
            let shown = names.prefix(6).joined(separator: " ") + (names.count > 6 ? " and \(names.count - 6) more" : "")
            table.add([
                plain[index].line > 0 ? "line \(plain[index].line)" : "\(index + 1)",
                NumberText.format("%.3f", text.score), text.flagged ? "yes" : "", shown,
            ])
        }
        return table
    }
}

extension MonitorScoreCommand.Output.Text {
    init(_ answer: AnswerScore, text: String?) {
        self.init(
            flagged: answer.flagged, score: answer.scores.maximum, heads: answer.heads.map { "\($0.head)" },
            changed: answer.heads.filter { $0.reason == .changed }.map { "\($0.head)" },
            sites: answer.sites.map { "\($0)" }, flaggedAt: answer.flaggedAt, scores: answer.scores,
            positions: answer.positions, alarms: answer.alarms, behaviours: answer.behaviours, text: text)
    }
}
