import ArgumentParser
import TensorCore

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print one JSON object instead of a text for people.")
    var json = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of threads to compute with (default: all cores).", valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "How products are computed: exact, or fast with activations of 8 bits and keys and values of 16.",
            valueName: "exact|fast"))
    var precision: Precision = .exact

    @Flag(
        help: ArgumentHelp(
            "Leave the weights where they lie in the file, instead of packing a copy of them when the model is opened.",
            discussion: """
                Packing takes about 0.1 s for 100 MB and makes everything after it faster. It is left out by itself where memory \
                is too small, and in commands that compute nothing with the model. Results don't depend on it.
                """))
    var noRepack = false

    @Option(
        help: ArgumentHelp(
            "The file of the key of a sealed model (default: the file that HEADSTEER_KEY_FILE names).", valueName: "f"))
    var keyFile: String?

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads is \(threads); give a number from 1 to 1024")
        }
    }

    func makeWorkers() -> WorkerPool { threads.map { WorkerPool(count: $0) } ?? WorkerPool() }
}

extension Precision: ExpressibleByArgument {}

/// The model, for commands that need one.
struct ModelArgument: ParsableArguments {
    @Argument(help: "A .gguf file, a Hugging Face folder, or a sealed model.")
    var model: String
}

/// The start of all random numbers.
struct SeedOption: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The start of all random numbers: same seed, same bits.", valueName: "n"))
    var seed: UInt64 = 0
}
