import DataFiles
import Foundation
import TensorCore

/// Another run of this program, for figures that need a fresh process: the time to open a model, and the memory it
/// takes.
struct OwnProcess {
    /// The seconds from opening the file to the first token.
    let seconds: Double
    /// The peak resident memory in bytes, including mapped files.
    let peakBytes: Int

    /// Runs `headsteer-bench one-run` and waits for it.
    ///
    /// - Throws: `InputError` if it fails; its standard error appears above that.
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
