import DataFiles
import Foundation
import TensorCore

/// A causal sweep by a `headsteer-bench`, this version or an older one, measured through `headsteer-bench sweep`.
struct SweepProcess {
    /// The seconds for the sweep, without opening the model.
    let seconds: Double

    /// Runs `headsteer-bench sweep` over all heads.
    ///
    /// - Throws: `InputError` if it fails, or prints something unexpected.
    init(_ program: URL, _ own: OwnModel, precision: Precision, prompts: Int, tokens: Int) throws {
        let run = try ProgramRun(
            program,
            [
                "sweep", "--model", own.path, "--precision", precision.rawValue, "--threads", "\(own.workers.count)",
                "--prompts", "\(prompts)", "--tokens", "\(tokens)",
            ])
        let text = String(decoding: run.output, as: UTF8.self)
        guard let seconds = Self.seconds(text) else {
            throw InputError.badData(
                "no rate in “\(text)”", in: program.path(percentEncoded: false),
                remedy: "name a headsteer-bench that has the command sweep")
        }
        self.seconds = seconds
    }

    /// The seconds in `270 heads × 6 prompts of 8 tokens: 0.8 s, 337.62 heads/s, …`, computed from the rate, which has
    /// more digits.
    static func seconds(_ text: String) -> Double? {
        guard let match = text.firstMatch(of: /^([0-9]+) heads .*, ([0-9.]+) heads\/s/), let heads = Double(match.1),
            let rate = Double(match.2), rate > 0
        else { return nil }
        return heads / rate
    }
}
