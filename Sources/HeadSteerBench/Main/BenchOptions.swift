import ArgumentParser
import DataFiles
import Foundation
import TensorCore

extension Precision: ExpressibleByArgument {}

/// - Throws: `ValidationError` if an option's number is out of its range.
func check(_ numbers: (name: String, value: Int, range: ClosedRange<Int>)...) throws {
    for (name, value, range) in numbers where !range.contains(value) {
        throw ValidationError("--\(name) is \(value); give a number from \(range.lowerBound) to \(range.upperBound)")
    }
}

/// The model to measure, and the settings for it.
struct ModelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The model.", valueName: "file"))
    var model = "Fixtures/fetched/SmolLM2-135M-Instruct.Q4_1.gguf"

    @Option(help: "The precision: \(Precision.allCases.map(\.rawValue).joined(separator: ", ")).")
    var precision = Precision.exact

    @Option(help: ArgumentHelp("The number of threads for each side.", valueName: "n"))
    var threads = 2

    func validate() throws { try check(("threads", threads, 1...1024)) }

    /// - Throws: `InputError` if the model can't be opened.
    func opened() throws -> OwnModel { try OwnModel(path: model, precision: precision, threads: threads) }
}

/// The locations of the peers.
struct PeerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The Python that has the peers (or set HEADSTEER_BENCH_PYTHON).", valueName: "file"))
    var python: String?

    @Option(help: ArgumentHelp("The folder of the peers' scripts.", valueName: "folder"))
    var peers = "Fixtures/peers"

    @Option(
        help: ArgumentHelp(
            "The folder of llama.cpp's builds, native and without-amx (or set HEADSTEER_BENCH_LLAMA_CPP).",
            valueName: "folder"))
    var llamaCpp: String?

    @Option(
        help: ArgumentHelp(
            "The folder of the package ik_llama_cpp with a build of the library (or set HEADSTEER_BENCH_IK).",
            valueName: "folder"))
    var ikLlama: String?

    /// The environment of the peers' processes.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        if let llamaCpp { environment["HEADSTEER_BENCH_LLAMA_CPP"] = llamaCpp }
        if let ikLlama { environment["HEADSTEER_BENCH_IK"] = ikLlama }
        return environment
    }

    /// The Python to run.
    ///
    /// - Throws: `InputError` if there is none.
    func interpreter() throws -> URL {
        let path =
            python ?? ProcessInfo.processInfo.environment["HEADSTEER_BENCH_PYTHON"] ?? "Fixtures/venv/bin/python"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw InputError.missingFile(path, remedy: "run Fixtures/peers/install.sh, or name another with --python")
        }
        return URL(filePath: path)
    }
}
