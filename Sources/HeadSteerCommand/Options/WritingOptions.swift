import ArgumentParser
import DataFiles
import Tasks
import Tokenization

/// Options for the prompts that a model writes texts from, and how much it writes.
struct WritingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Prompts or choice questions to generate texts from (default: those of the data set).", valueName: "file"))
    var answers: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The maximum number of prompts to generate texts from; 0 for none.", valueName: "n"))
    var texts = 24

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The maximum number of tokens in a generated text.", valueName: "n"))
    var textTokens = 24

    func validate() throws {
        for (name, value, least) in [("texts", texts, 0), ("text-tokens", textTokens, 1)]
        where value < least || value > 100_000 {
            throw ValidationError("--\(name) is \(value); give a number from \(least) to 100000")
        }
    }

    /// The data that texts are generated from: `--answers`, or the data set itself.
    func file(_ data: DataFile) throws -> DataFile { try answers.map(DataFile.init) ?? data }
}
