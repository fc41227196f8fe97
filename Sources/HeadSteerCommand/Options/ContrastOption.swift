import ArgumentParser

/// What effects are measured on.
struct ContrastOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Contrast prompts or choice questions to measure effects on (default: made from the data set).",
            valueName: "file"))
    var contrast: String?
}
