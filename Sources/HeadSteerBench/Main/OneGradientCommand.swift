import ArgumentParser
import Gradients
import Reporting
import Transformer

/// `headsteer-bench one-gradient`: started by `gradients` to measure the memory of a whole process.
struct OneGradientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "one-gradient",
        abstract: "Open a model and pass texts forward and back; print the peak of memory.", shouldDisplay: false)

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("The gradients to compute.", valueName: "name"))
    var work: GradientWork

    @Option(help: ArgumentHelp("The number of tokens in a prompt.", valueName: "n"))
    var tokens = 470

    @Option(help: ArgumentHelp("The number of prompts with a past.", valueName: "n"))
    var prompts = 14

    @Flag(help: "Pass forward only.")
    var forwardOnly = false

    func run() throws {
        let own = try model.opened()
        try own.checkContext(tokens)
        let run = GradientRun(own.model, workers: own.workers)
        var texts = try work.texts(Workload(own.configuration), run, tokens: tokens, prompts: prompts)
        if forwardOnly {
            for index in texts.indices { texts[index].reads = [] }
        }
        _ = try run.gradients(of: texts)
        try Console.output("{\"peakBytes\": \(PeakMemory.bytes())}")
    }
}

extension GradientWork: ExpressibleByArgument {}
