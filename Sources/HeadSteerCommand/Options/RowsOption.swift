import ArgumentParser

/// How much of a table is shown.
struct RowsOption: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("How many heads the table shows.", valueName: "n"))
    var rows: Int?

    func validate() throws {
        if let rows, rows < 1 { throw ValidationError("--rows is \(rows); give a positive number") }
    }
}
