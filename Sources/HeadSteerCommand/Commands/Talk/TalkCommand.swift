import ArgumentParser
import DataFiles
import Foundation
import Monitoring

/// `headsteer talk`: a conversation with a model, whose plan, strength and monitor can be changed while it goes on.
struct TalkCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "talk",
        abstract: "Talk with a model, and change while you talk how it is steered and watched.",
        discussion: """
            What you write is answered through the model's chat template; a model without one continues what you \
            write. Lines that begin with / change how the next answer is made:

            \(TalkLine.summary)

            Ctrl-C ends an answer; Ctrl-D or /quit ends the conversation. Lines can also come from a pipe: then only \
            the answers are written, one after the other, or with --json one object with all turns.

            Examples:
              headsteer talk model.gguf --plan runs/mood/plan.json
              printf '%s\\n' 'How was your day?' '/strength -1' /reset 'How was your day?' | headsteer talk model.gguf --plan plan.json
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var plan: PlanOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The multiple of the plan's strength: 0 for none, -1 for the opposite.", valueName: "x"))
    var strength = 1.0

    @Option(
        help: ArgumentHelp(
            "The monitor to watch the answers with: the file that monitor fit wrote.", valueName: "file"))
    var monitor: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A system message to begin the conversation with.", valueName: "text"))
    var system: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The maximum number of tokens in an answer.", valueName: "n"))
    var maxTokens = 256

    @OptionGroup var template: TemplateOptions
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var seed: SeedOption
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var turns: [TalkTurn]
    }

    func validate() throws {
        guard strength.isFinite else { throw ValidationError("--strength is \(strength); give a finite number") }
        guard maxTokens >= 1 else { throw ValidationError("--max-tokens is \(maxTokens); give a positive number") }
    }

    func run(_ environment: CommandEnvironment) throws {
        let opened = try OpenedModel(model.model, common, template: template)
        let session = try TalkSession(self, opened, environment)
        let settings = try opened.templateSettings(isUsed: session.usesTemplate, environment)
        // A person is told of a mistake and can correct it; a script ends with it.
        let isPerson = isatty(STDIN_FILENO) == 1
        if isPerson, !common.json { session.introduce() }
        while let line = read(isPerson, environment) {
            do {
                guard try session.take(TalkLine(line)) else { break }
            } catch let error as InputError where isPerson {
                environment.console.error("error: \(error.description)")
            }
        }
        if common.json {
            try environment.console.json(
                Output(turns: session.turns), precision: common.precision, template: settings)
        }
    }

    private func read(_ isPerson: Bool, _ environment: CommandEnvironment) -> String? {
        if isPerson { environment.console.errorFragment("> ") }
        // Waiting for a line can't be interrupted, so there Ctrl-C ends the program.
        environment.interruption.endsAtOnce = true
        defer { environment.interruption.endsAtOnce = false }
        let line = readLine()
        if isPerson, line == nil { environment.console.error("") }
        return line
    }
}
