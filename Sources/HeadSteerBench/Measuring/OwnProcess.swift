import DataFiles
import Foundation
import TensorCore

/// This program run once more, for what only a whole process shows: the time from its start, and the memory it takes.
struct OwnProcess {
    /// From the start of the process to its end.
    let seconds: Double
    /// The most bytes that were resident at once, mapped files included.
    let peakBytes: Int

    /// Runs `headsteer-bench one-run` and waits for it.
    ///
    /// - Throws: `InputError` where it fails; what it wrote on standard error stands above then.
    init(_ own: OwnModel, precision: Precision, promptTokens: Int, generateTokens: Int) throws {
        let process = Process()
        guard let program = Bundle.main.executableURL else {
            throw InputError.missingFile("this program's own file", remedy: "run it by its full path")
        }
        process.executableURL = program
        process.arguments = [
            "one-run", "--model", own.path, "--precision", precision.rawValue, "--threads", "\(own.workers.count)",
            "--prompt-tokens", "\(promptTokens)", "--generate-tokens", "\(generateTokens)",
        ]
        let output = Pipe()
        process.standardOutput = output
        var text = Data()
        // The output ends when the process does; waiting for the process itself takes a timer's tick longer.
        seconds = try Stopwatch.seconds {
            try process.run()
            text = output.fileHandleForReading.readDataToEndOfFile()
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw InputError.badData(
                "a run that ended with status \(process.terminationStatus)", in: own.path, remedy: "see its message")
        }
        let answer = try JSONObject(data: text, place: "the output of one-run")
        guard let bytes = try answer.integer("peakBytes") else { throw answer.missing("peakBytes") }
        peakBytes = bytes
    }
}
