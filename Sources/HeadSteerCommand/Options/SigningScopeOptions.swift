import ArgumentParser

/// What of a folder is signed or verified.
struct SigningScopeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file or a folder in PATH that is passed over (repeatable).", valueName: "path"))
    var ignore: [String] = []

    @Flag(help: "Let a link to a file stand for the file; links are refused otherwise.")
    var followLinks = false
}
