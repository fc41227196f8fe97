import ArgumentParser

/// The data set, for commands that need one.
struct DataOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The data set: JSON Lines, a JSON array, or CSV with a header (text,label,group or prompt,completion,label,group; \
            statement may stand for text, and group may be left out). Its kind is told by its fields.
            """,
            valueName: "file"))
    var data: String
}
