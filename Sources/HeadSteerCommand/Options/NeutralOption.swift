import ArgumentParser
import DataFiles
import Foundation
import Tasks

/// The texts that side effects are measured on.
struct NeutralOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Lines of neutral text to measure side effects on (default: twelve sentences of the program's).",
            valueName: "file"))
    var neutral: String?

    /// The file's lines; nil without one.
    func lines() throws -> [String]? { try neutral.map { try NeutralTexts.lines(contentsOf: URL(filePath: $0)) } }

    /// The file's lines, or the program's sentences.
    func texts() throws -> [String] { try lines() ?? NeutralTexts.sentences }
}
