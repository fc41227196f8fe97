import ArgumentParser

/// `headsteer plan`: commands that make, show, check and combine plans.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract:
            "Make a plan from heads and directions, show what it does to which tokens, check it, or combine several.",
        subcommands: [
            PlanMakeCommand.self, PlanShowCommand.self, PlanVerifyCommand.self, PlanCombineCommand.self,
        ])
}
