import DataFiles
import Documents
import Foundation
import Generation
import Intervention
import Monitoring
import Reporting
import Tokenization
import Transformer

/// A conversation and what the next answer is made with.
final class TalkSession {
    private let options: TalkCommand
    private let opened: OpenedModel
    private let environment: CommandEnvironment
    private let tokenizer: Tokenizer
    /// Nil for a model without a chat template, which continues what is written.
    private let formatter: ChatFormatter?
    private var messages: [ChatMessage] = []
    /// All messages and answers as one text, for a model without a chat template.
    private var written = ""

    private var plan: (path: String, loaded: LoadedPlan)?
    private var strength: Double
    private var monitor: HeadMonitor?
    private(set) var turns: [TalkTurn] = []

    private var console: Console { environment.console }
    var usesTemplate: Bool { formatter != nil }

    /// - Throws: `InputError` where a file is wrong or made for another model, or the model has no tokenizer.
    init(_ options: TalkCommand, _ opened: OpenedModel, _ environment: CommandEnvironment) throws {
        self.options = options
        self.opened = opened
        self.environment = environment
        tokenizer = try opened.tokenizer
        formatter = tokenizer.chatTemplate == nil ? nil : try ChatFormatter(tokenizer)
        if formatter == nil, options.system != nil {
            throw InputError.usage(
                "--system for a model without a chat template", remedy: "leave it out, or begin by writing it")
        }
        try options.template.requireUse(formatter != nil)
        strength = options.strength
        if let path = options.plan.plan { plan = (path, try load(path)) }
        if let path = options.monitor { monitor = try loadMonitor(path) }
        _ = try edits()
        reset()
    }

    /// Says which model the conversation is with.
    func introduce() {
        let name = URL(filePath: opened.path).lastPathComponent
        let how = usesTemplate ? "answers" : "has no chat template: it continues what you write"
        console.prose("\(name) \(how). /help shows what can be changed, Ctrl-D ends.")
        note(state)
    }

    /// Does what a line asks for.
    ///
    /// - Returns: whether the conversation goes on.
    /// - Throws: `InputError`, after which everything is as it was before the line; `CancellationError`.
    func take(_ line: TalkLine) throws -> Bool {
        switch line {
        case .nothing: break
        case .message(let text): try answer(text)
        case .plan(let path):
            let before = plan
            plan = try path.map { ($0, try load($0)) }
            do { _ = try edits() } catch {
                plan = before
                throw error
            }
            note(state)
        case .strength(let new):
            let before = strength
            strength = new
            do { _ = try edits() } catch {
                strength = before
                throw error
            }
            note(state)
        case .monitor(let path):
            monitor = try path.map { try loadMonitor($0) }
            note(monitor == nil ? "no monitor" : "the answers are watched")
        case .reset:
            reset()
            note("the conversation so far is forgotten")
        case .help: note(TalkLine.summary)
        case .quit: return false
        }
        return true
    }

    private func reset() {
        written = ""
        messages = options.system.map { [ChatMessage(role: "system", content: $0)] } ?? []
    }

    /// What the next answer is made with.
    private var state: String {
        guard let plan else { return "no plan" }
        let count = plan.loaded.plan.edits.count
        return "plan \(plan.path): \(count) \(count == 1 ? "edit" : "edits"), strength \(NumberText.short(strength))"
    }

    private func note(_ text: String) {
        console.error(text)
    }

    // MARK: - Files

    private func load(_ path: String) throws -> LoadedPlan {
        try options.plan.loaded(path, for: opened, environment).plan
    }

    private func loadMonitor(_ path: String) throws -> HeadMonitor {
        let monitor = try HeadMonitor(contentsOf: URL(filePath: path))
        try monitor.check(opened.model, allowOtherModel: false, workers: opened.workers, place: path)
        return monitor
    }

    /// The plan's edits at the strength.
    private func edits() throws -> [Edit] {
        guard let plan, strength != 0 else { return [] }
        let scaled = strength == 1 ? plan.loaded : try plan.loaded.scaled(by: strength)
        return try scaled.edits(opened.configuration)
    }

    // MARK: - Answers

    private func answer(_ message: String) throws {
        let said = written + (written.isEmpty || written.last?.isWhitespace == true ? "" : " ") + message
        let prompt = try prompt(after: message, said)
        guard prompt.count < opened.configuration.context else {
            throw InputError.usage(
                "the conversation has \(prompt.count) tokens, and the model's context is \(opened.configuration.context)",
                remedy: "/reset begins a new one")
        }
        let request = GenerationRequest(
            prompt: prompt, edits: try edits(), sampling: options.sampling.sampling(seed: options.seed.seed),
            maxTokens: options.maxTokens, endTokens: tokenizer.endOfGenerationTokens)
        var shown = ShownAnswer(console, isSilent: options.common.json)
        var turn = TalkTurn(
            message: message, text: "", ids: [], stopReason: .cancelled, plan: plan?.path,
            strength: plan == nil ? nil : strength)
        if let monitor {
            try watch(request, monitor, &turn, &shown)
        } else {
            let stream = try TokenStream(request, model: opened.model, tokenizer: tokenizer, workers: opened.workers)
            stream.isCancelled = { [interruption = environment.interruption] in interruption.isRequested }
            for event in stream {
                switch event {
                case .token(_, let new): shown.take(new)
                case .finished(let rest, let reason):
                    shown.take(rest)
                    turn.stopReason = reason
                }
            }
            turn.ids = stream.ids
        }
        turn.text = shown.finish()
        guard turn.stopReason != .notFinite else { throw opened.notFinite(after: turn.ids.count) }
        try end(turn)
        written = said + turn.text
        messages.append(ChatMessage(role: "user", content: message))
        messages.append(ChatMessage(role: "assistant", content: turn.text))
        turns.append(turn)
    }

    /// An interrupted answer ends there. With a person the conversation goes on; a script ends.
    private func end(_ turn: TalkTurn) throws {
        guard turn.stopReason == .cancelled else {
            if turn.stopReason == .contextFull { note("the model's context is full; /reset begins a new conversation") }
            return
        }
        guard isatty(STDIN_FILENO) == 1 else { throw CancellationError() }
        environment.interruption.clear()
        note("the answer was ended there")
    }

    /// The tokens of the conversation up to the answer.
    ///
    /// - Parameter said: the whole text so far, for a model without a chat template.
    private func prompt(after message: String, _ said: String) throws -> [Int] {
        if let formatter {
            let all = messages + [ChatMessage(role: "user", content: message)]
            return try formatter.format(all, addGenerationPrompt: true).ids
        }
        let ids = try opened.promptTokens(said, specialTokens: .parsed)
        guard !ids.isEmpty else { throw InputError.usage("the message has no tokens", remedy: "write a text") }
        return ids
    }

    private func watch(
        _ request: GenerationRequest, _ monitor: HeadMonitor, _ turn: inout TalkTurn, _ shown: inout ShownAnswer
    ) throws {
        let watched = try WatchedGeneration(request, monitor: monitor, model: opened.model, workers: opened.workers)
        watched.isCancelled = { [interruption = environment.interruption] in interruption.isRequested }
        var decoder = StreamingDecoder(tokenizer, continuing: true)
        while let id = try watched.next() {
            // A padded vocabulary's token has no text.
            if !request.endTokens.contains(id) { shown.take((try? decoder.text(for: id)) ?? "") }
        }
        shown.take(decoder.finish())
        turn.ids = watched.ids
        turn.stopReason = watched.stopReason ?? .cancelled
        let answer = watched.answer
        turn.flagged = answer.flagged
        turn.heads = answer.heads.map { "\($0.head)" }
        shown.remark = MonitorWatchCommand.summary(answer, stopped: false, held: [])
    }
}
