import ArgumentParser

/// `headsteer plan`: plans made, shown, checked and put together.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract:
            "Make a plan of heads and directions, show what a plan does to which tokens, check it, or put several into one.",
        subcommands: [
            PlanMakeCommand.self, PlanShowCommand.self, PlanVerifyCommand.self, PlanCombineCommand.self,
        ])
}
