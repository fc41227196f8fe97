import ArgumentParser
import DataFiles
import Tasks
import Tokenization

/// What a model is let write after, and how much.
struct WritingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Prompts or questions to write texts after (default: those of the data set).", valueName: "file"))
    var answers: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The most prompts to write after; 0 for none.", valueName: "n"))
    var texts = 24

    @Option(parsing: .unconditional, help: ArgumentHelp("The most tokens of each text.", valueName: "n"))
    var textTokens = 24

    func validate() throws {
        for (name, value, least) in [("texts", texts, 0), ("text-tokens", textTokens, 1)]
        where value < least || value > 100_000 {
            throw ValidationError("--\(name) is \(value); give a number from \(least) to 100000")
        }
    }

    /// What the texts are written after: `--answers`, or the data itself.
    func file(_ data: DataFile) throws -> DataFile { try answers.map(DataFile.init) ?? data }
}
