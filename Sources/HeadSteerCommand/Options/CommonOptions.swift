import ArgumentParser
import TensorCore

/// The options that every command takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print one JSON object instead of text for people.")
    var json = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of threads to compute with (default: all cores).", valueName: "n"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            """
            How matrix products are computed: exact has float32's accuracy; fast rounds activations to 8 bits and keys \
            and values to 16, with errors of about 1 %.
            """, valueName: "exact|fast"))
    var precision: Precision = .exact

    @Flag(
        help: ArgumentHelp(
            "Use the weights as they lie in the file, instead of packing a copy of them when the model is opened.",
            discussion: """
                Packing takes about 0.1 s for 100 MB and makes everything after it faster. It is skipped anyway if \
                there is too little memory, and in commands that compute little with the model. Results don't depend \
                on it.
                """))
    var noRepack = false

    @Option(
        help: ArgumentHelp(
            "The file with the key of a sealed model (default: the file that HEADSTEER_KEY_FILE names).",
            valueName: "f"))
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
    @Argument(help: "The model: a .gguf file, a Hugging Face folder, or a sealed model.")
    var model: String
}

/// The seed of all random numbers.
struct SeedOption: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The seed of all random numbers: the same inputs and the same seed give the same bits.", valueName: "n"))
    var seed: UInt64 = 0
}
