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

    func validate() throws {
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads is \(threads); give a number from 1 to 1024")
        }
    }

    func makeWorkers() -> WorkerPool { threads.map { WorkerPool(count: $0) } ?? WorkerPool() }
}

/// The model, for commands that need one.
struct ModelArgument: ParsableArguments {
    @Argument(help: "A .gguf file, or a Hugging Face folder.")
    var model: String
}

/// The start of all random numbers.
struct SeedOption: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The start of all random numbers: same seed, same bits.", valueName: "n"))
    var seed: UInt64 = 0
}
