import ArgumentParser

/// The data set, for commands that need one.
struct DataOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The data set: JSON Lines, a JSON array, or CSV with a header. Its fields say what it has: labelled texts \
            (text or statement, or prompt and completion; label; group, which may be left out), choice questions \
            (question, answer_matching_behavior, answer_not_matching_behavior) or contrast prompts (prompt, positive, \
            negative).
            """,
            valueName: "file"))
    var data: String
}
