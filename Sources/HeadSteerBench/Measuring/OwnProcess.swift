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
        let answer = try Self.answer(
            of: "one-run", own, precision,
            ["--prompt-tokens", "\(promptTokens)", "--generate-tokens", "\(generateTokens)"])
        peakBytes = try Self.peakBytes(answer)
        guard let time = try answer.double("seconds"), time > 0 else { throw answer.missing("seconds") }
        seconds = time
    }

    /// The peak resident memory in bytes of one pass over texts, including mapped files.
    ///
    /// - Parameter hasGradients: whether gradients are computed, or only the forward pass.
    /// - Throws: what ``init(_:precision:promptTokens:generateTokens:)`` throws.
    static func peakBytes(
        of work: GradientWork, _ own: OwnModel, precision: Precision, tokens: Int, prompts: Int, hasGradients: Bool
    ) throws -> Int {
        try peakBytes(
            answer(
                of: "one-gradient", own, precision,
                [
                    "--work", work.rawValue, "--tokens", "\(tokens)", "--prompts", "\(prompts)",
                ] + (hasGradients ? [] : ["--forward-only"])))
    }

    private static func peakBytes(_ answer: JSONObject) throws -> Int {
        guard let bytes = try answer.integer("peakBytes") else { throw answer.missing("peakBytes") }
        return bytes
    }

    /// What another run of this program prints.
    private static func answer(
        of command: String, _ own: OwnModel, _ precision: Precision, _ more: [String]
    ) throws -> JSONObject {
        let run = try ProgramRun(
            ProgramRun.ownProgram(),
            [
                command, "--model", own.path, "--precision", precision.rawValue, "--threads", "\(own.workers.count)",
            ] + more)
        return try JSONObject(data: run.output, place: "the output of \(command)")
    }
}
