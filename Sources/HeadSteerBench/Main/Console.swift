import DataFiles
import Foundation
import Reporting

/// Standard output for results, standard error for progress.
enum Console {
    /// Prints a text and a line break on standard output.
    ///
    /// - Throws: `InputError` if that fails, for example on a full disk or into a closed pipe.
    static func output(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
        } catch {
            throw InputError(
                .missingFile, "an output that can't be written to", in: "standard output",
                remedy: "check the disk or the pipe behind it")
        }
    }

    /// Prints a line on standard error.
    ///
    /// If even this fails, the error can't be reported.
    static func note(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8)) }

    /// Runs a stage of long work, with a progress bar if standard error is a terminal.
    ///
    /// - Parameter total: the number of steps.
    static func stage<Result>(
        _ name: String, total: Int, _ body: (_ progress: (_ done: Int) -> Void) throws -> Result
    ) rethrows -> Result {
        guard isatty(STDERR_FILENO) == 1 else { return try body { _ in } }
        var bar = ProgressBar(name, total: total, width: 79) { text in
            try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
        }
        defer { bar.finish() }
        return try body { bar.update($0) }
    }
}
