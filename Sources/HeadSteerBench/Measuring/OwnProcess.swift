import DataFiles
import Foundation
import TensorCore

/// This program run once more, for what only a fresh process shows: the time to open a model, and the memory it takes.
struct OwnProcess {
    /// From opening the file to the first token.
    let seconds: Double
    /// The most bytes that were resident at once, mapped files included.
    let peakBytes: Int

    /// Runs `headsteer-bench one-run` and waits for it.
    ///
    /// - Throws: `InputError` where it fails; what it wrote on standard error stands above then.
    init(_ own: OwnModel, precision: Precision, promptTokens: Int, generateTokens: Int) throws {
        let run = try ProgramRun(
            ProgramRun.ownProgram(),
            [
                "one-run", "--model", own.path, "--precision", precision.rawValue, "--threads", "\(own.workers.count)",
                "--prompt-tokens", "\(promptTokens)", "--generate-tokens", "\(generateTokens)",
            ])
        let answer = try JSONObject(data: run.output, place: "the output of one-run")
        guard let bytes = try answer.integer("peakBytes") else { throw answer.missing("peakBytes") }
        peakBytes = bytes
        guard let time = try answer.double("seconds"), time > 0 else { throw answer.missing("seconds") }
        seconds = time
    }
}
