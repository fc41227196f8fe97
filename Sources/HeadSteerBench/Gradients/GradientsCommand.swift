import ArgumentParser
import Reporting

/// `headsteer-bench gradients`: the cost of the backward pass.
struct GradientsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gradients",
        abstract: "Time passes forward, and forward and back, at all positions and at last positions.",
        discussion: """
            Computes gradients of every head's z in every layer: by a prompt's last logits, by all its logits, and at \
            the last position of some prompts whose pasts are constants. "back" is the time of a pass with gradients \
            minus that of a pass without, and "times" is its ratio to the forward pass. Each is the median of some \
            rounds that run both in turn. The memory is the peak of a fresh process that opens the model and makes one \
            pass. It includes the model's file and, at last positions, the reading of the prompts' pasts.
            """)

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("The number of tokens in a prompt.", valueName: "n"))
    var tokens = 470

    @Option(help: ArgumentHelp("The number of prompts with a past.", valueName: "n"))
    var prompts = 14

    @Option(help: ArgumentHelp("How many times each is measured.", valueName: "n"))
    var rounds = 5

    func validate() throws {
        try check(
            ("tokens", tokens, 2...1_000_000), ("prompts", prompts, 1...1_000_000), ("rounds", rounds, 1...1_000_000))
    }

    func run() throws {
        let own = try model.opened()
        try own.checkContext(tokens)
        var table = TextTable([
            .init("gradients", .left), .init("forward ms", .right), .init("back ms", .right), .init("times", .right),
            .init("forward MB", .right), .init("with gradients MB", .right),
        ])
        for work in GradientWork.allCases {
            let times = try work.measure(own, tokens: tokens, prompts: prompts, rounds: rounds)
            let memory = try [false, true].map { hasGradients in
                try OwnProcess.peakBytes(
                    of: work, own, precision: model.precision, tokens: tokens, prompts: prompts,
                    hasGradients: hasGradients)
            }
            table.add(
                [
                    work.rawValue, (times.forward.median * 1000).text(digits: 1),
                    (times.back.median * 1000).text(digits: 1), times.ratio.median.text(digits: 2),
                ] + memory.map { (Double($0) / 1e6).text(digits: 0) })
        }
        try Console.output(table.rendered(TerminalStyle(width: 400)))
        try Console.output("\(tokens) tokens, \(model.threads) threads, \(Machine.date), \(Machine.processor)")
    }
}
