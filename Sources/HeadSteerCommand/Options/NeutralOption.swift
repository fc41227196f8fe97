import ArgumentParser
import DataFiles
import Foundation
import Tasks

/// The texts that side effects are measured on.
struct NeutralOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Neutral texts to measure side effects on, one a line (default: twelve sentences of the program's own).",
            valueName: "file"))
    var neutral: String?

    /// The file's lines; nil if no file is given.
    func lines() throws -> [String]? { try neutral.map { try NeutralTexts.lines(contentsOf: URL(filePath: $0)) } }

    /// The file's lines, or the program's sentences.
    func texts() throws -> [String] { try lines() ?? NeutralTexts.sentences }
}
