import ArgumentParser

/// The option for how much of a table is shown.
struct RowsOption: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number of heads that the table shows (default: 10; 16 in search, 20 in probe).", valueName: "n"))
    var rows: Int?

    func validate() throws {
        if let rows, rows < 1 { throw ValidationError("--rows is \(rows); give a positive number") }
    }
}
