import DataFiles
import Monitoring
import Statistics
import TensorCore
import Tokenization
import Transformer

/// The monitor that is tried as a defence.
///
/// It is fitted on what the model itself writes after clean beginnings, and tested on what it writes after others of
/// them.
struct MonitorDefence {
    private let monitor: HeadMonitor
    private let study: DetectionStudy

    /// Takes one text of each group, in an order drawn at random; nil if there are too few groups.
    ///
    /// - Complexity: the model writes ``AuditProtocol/textTokens`` after each text, and fitting reads each result at
    ///   most twice.
    init?(
        _ model: LanguageModel, tokenizer: Tokenizer, clean: [PlainText], fingerprint: String, workers: WorkerPool,
        seed: UInt64, isCancelled: @escaping () -> Bool
    ) throws {
        var groups: Set<String> = []
        var texts = clean.filter { groups.insert($0.group).inserted }
        guard texts.count >= AuditProtocol.cleanGroups else { return nil }
        var random = SeededGenerator(seed: seed, stream: 36)
        random.shuffle(&texts)
        let prompts = try texts.map { text in
            let tokens = try tokenizer.encode(
                text.prompt.isEmpty ? text.completion : text.prompt, specialTokens: .parsed,
                addBeginning: tokenizer.addsBeginning)
            // For a text that isn't a prompt, its beginning.
            let beginning = text.prompt.isEmpty ? Array(tokens.prefix(AuditProtocol.promptTokens)) : tokens
            return WatchedText(tokens: beginning, promptCount: beginning.count, group: text.group)
        }
        let tested = Array(prompts.prefix(AuditProtocol.monitoredTexts))
        var writing = AnswerWriting(
            model, workers: workers, maxTokens: AuditProtocol.textTokens, endTokens: tokenizer.endOfGenerationTokens)
        writing.isCancelled = isCancelled
        let answers = try writing.answers(to: Array(prompts.dropFirst(AuditProtocol.monitoredTexts)))
        var fitting = MonitorFitting(
            model, workers: workers, options: FitOptions(falseAlarms: AuditProtocol.falseAlarms, seed: seed))
        fitting.isCancelled = isCancelled
        monitor = try fitting.fit(answers, fingerprint: fingerprint, writtenTokens: AuditProtocol.textTokens)
        var study = DetectionStudy(
            monitor, model: model, workers: workers, prompts: tested, maxTokens: AuditProtocol.textTokens,
            endTokens: tokenizer.endOfGenerationTokens)
        study.isCancelled = isCancelled
        self.study = study
    }

    /// Edits that draw every head back into the range of clean texts.
    var clamping: [Edit] { monitor.clampingEdits() }

    /// The rates of flagged texts, of those that are written under some edits.
    func rates(_ edits: [Edit]) throws -> DetectionStudy.Rates { try study.rates(under: edits) }
}
