import ArgumentParser

/// The data that effects are measured on.
struct ContrastOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Contrast prompts or choice questions to measure effects on (default: made from --data).",
            valueName: "file"))
    var contrast: String?
}
