import ArgumentParser

/// Options for which files of a folder are signed or verified.
struct SigningScopeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file or folder in PATH to leave out. Repeatable.", valueName: "path"))
    var ignore: [String] = []

    @Flag(help: "Take a link to a file as the file; otherwise links are refused.")
    var followLinks = false
}
