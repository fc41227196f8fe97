import ArgumentParser

/// The program `headsteer`.
struct HeadSteerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "headsteer",
        abstract: "Read and edit the attention heads of language models while they run.",
        discussion: """
            MODEL is a .gguf file, a Hugging Face folder with config.json, *.safetensors and tokenizer.json, or a \
            sealed model. Layers and heads are counted from 0; L.H is query head H of layer L. z is a head's mix of \
            values, the input of the output projection. A plan (plan.json) says which heads to edit, along which \
            directions, how far and at which positions. σ is the spread of z along a direction.

            With --json a command prints one JSON object; without it, text for people. Exit status: 0 success, 1 a \
            check that was asked for fails, 64 wrong usage, 65 bad input data, 66 missing file, 70 a defect of this \
            program, 75 a shard that was asked to stop (the same command continues), 130 interrupted.

            First steps:
              headsteer quickstart
              headsteer search model.gguf --data mood.jsonl --heads 4 --out runs/mood
              headsteer generate model.gguf --prompt "My day at work was" --plan runs/mood/plan.json --scale -1,0,1
              headsteer talk model.gguf --plan runs/mood/plan.json
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "The main job:", subcommands: [QuickstartCommand.self]),
            CommandGroup(
                name: "Models and texts:",
                subcommands: [
                    InspectCommand.self, TokenizeCommand.self, DetokenizeCommand.self, ChatCommand.self,
                    LogitsCommand.self, GenerateCommand.self, TalkCommand.self, ScoreCommand.self, BenchCommand.self,
                ]),
            CommandGroup(
                name: "Finding and steering heads:",
                subcommands: [
                    CollectCommand.self, ProbeCommand.self, SweepCommand.self, AttributeCommand.self,
                    SearchCommand.self, ScreensCommand.self, PresetCommand.self, LearnCommand.self,
                    EvaluateCommand.self,
                    PlanCommand.self,
                    CompareCommand.self, StudyCommand.self, ViewCommand.self,
                ]),
            CommandGroup(name: "Auditing and watching:", subcommands: [AuditCommand.self, MonitorCommand.self]),
            CommandGroup(name: "Many machines:", subcommands: [SlurmCommand.self, MergeCommand.self]),
            CommandGroup(
                name: "Signed and sealed:", subcommands: [SignCommand.self, VerifyCommand.self, SealCommand.self]),
            CommandGroup(name: "For other tools:", subcommands: [BakeCommand.self, ConvertCommand.self]),
        ])
}

/// The program's version.
enum Version {
    static let text = "headsteer 0.1.0"
}
