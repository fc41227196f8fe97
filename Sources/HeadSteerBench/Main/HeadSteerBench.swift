import ArgumentParser

/// The program `headsteer-bench`.
struct HeadSteerBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "headsteer-bench",
        abstract: "Measure HeadSteer against other runtimes, and make models of real sizes to measure on.",
        discussion: """
            The peers (llama.cpp in two builds, ik_llama.cpp, xllamacpp, mistral.rs, OpenVINO GenAI, transformers, \
            scikit-learn) run in a Python environment that Fixtures/peers/install.sh makes. To make the whole table of \
            the README:
              Fixtures/fetch-smollm2.sh && Fixtures/peers/install.sh
              swift run -c release headsteer-bench compare --markdown table.md

            Run nothing else on the machine meanwhile: it would change the figures.
            """,
        subcommands: [
            CompareCommand.self, LargeCommand.self, ProfileCommand.self, ScalingCommand.self, SweepCommand.self,
            GradientsCommand.self, ServiceCommand.self, MakeModelCommand.self, FamiliesCommand.self, OneRunCommand.self,
            OneGradientCommand.self,
        ])
}
