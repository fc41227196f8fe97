import ArgumentParser
import Generation

/// Options for how tokens are chosen.
struct SamplingOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The number to divide logits by; 0, which makes runs comparable, always takes the most probable token.",
            valueName: "x"))
    var temperature = 0.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Choose among the k most probable tokens; 0 for all.", valueName: "k"))
    var topK = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Choose among the most probable tokens whose probabilities together reach p; 1 for all.", valueName: "p"))
    var topP = 1.0

    func validate() throws {
        guard temperature >= 0, temperature.isFinite else {
            throw ValidationError("--temperature is \(temperature); give 0 or a positive number")
        }
        guard topK >= 0 else { throw ValidationError("--top-k is \(topK); give 0 or a positive number") }
        guard topP > 0, topP <= 1 else {
            throw ValidationError("--top-p is \(topP); give a number above 0 and at most 1")
        }
    }

    func sampling(seed: UInt64) -> Sampling {
        Sampling(temperature: temperature, topK: topK, topP: topP, seed: seed)
    }
}
