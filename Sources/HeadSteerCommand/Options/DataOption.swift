import ArgumentParser

/// The data set, for commands that need one.
struct DataOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The data set: JSON Lines, a JSON array, or CSV with statement,label. Its kind is told by its fields.",
            valueName: "file"))
    var data: String
}
