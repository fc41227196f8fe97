import ArgumentParser
import DataFiles
import Foundation

/// Reads stored inputs, and inputs that a seeded generator makes from them.
///
/// Any harmful input ends the process and is then in the folder that was printed before.
@main
struct ReaderFuzzer: ParsableCommand {
    #if LIBFUZZER
        static func main() { runLibFuzzer() }
    #endif

    static let configuration = CommandConfiguration(
        commandName: "ReaderFuzzer", abstract: "Gives broken files to everything that reads files.")

    @Option(help: "One target alone: \(FuzzTarget.all.map(\.name).joined(separator: ", ")).")
    var target: String?
    @Option(help: "How long to try each target's mutations.")
    var seconds = 1.0
    @Option(help: "The seed of the mutations.")
    var seed: UInt64 = 0
    @Option(help: "Fixtures/fuzz, with the folders corpus and beside.")
    var fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Fixtures/fuzz")
        .standardizedFileURL.path(percentEncoded: false)
    @Option(help: "Where the inputs are laid down.")
    var folder = FileManager.default.temporaryDirectory.appending(path: "headsteer-fuzz")
        .path(percentEncoded: false)
    @Option(help: "A folder to write the inputs to that only the library can make; nothing is read then.")
    var seeds: String?
    @Argument(help: "Inputs of the target to read instead.")
    var inputs: [String] = []

    func run() throws {
        if let seeds { return try writeSeeds(to: URL(filePath: seeds)) }
        let targets = target == nil ? FuzzTarget.all : FuzzTarget.all.filter { $0.name == target }
        guard !targets.isEmpty, inputs.isEmpty || targets.count == 1 else {
            throw ValidationError("Name one of the targets.")
        }
        let watchdog = Watchdog()
        for target in targets { try run(target, watchdog) }
    }

    private func run(_ target: FuzzTarget, _ watchdog: Watchdog) throws {
        let fixtures = URL(filePath: fixtures)
        let session = try FuzzSession(target, fixtures: fixtures, folder: URL(filePath: folder))
        say("\(target.name): inputs go to \(session.place)")
        let files =
            inputs.isEmpty ? try FuzzSession.corpus(target, fixtures: fixtures) : inputs.map { URL(filePath: $0) }
        let corpus = try files.map { [UInt8](try Data(contentsOf: $0)) }
        guard !corpus.isEmpty else {
            throw ValidationError("There is no input for \(target.name) in \(fixtures.path).")
        }
        for (file, input) in zip(files, corpus) {
            say("\(target.name): \(file.lastPathComponent)")
            watchdog.beginInput()
            try session.run(input)
        }
        guard inputs.isEmpty else { return }
        var mutator = Mutator(corpus, seed: seed)
        let end = Date(timeIntervalSinceNow: seconds)
        var count = 0
        while Date() < end {
            watchdog.beginInput()
            try session.run(mutator.next())
            count += 1
        }
        say("\(target.name): \(count) mutated inputs read")
    }

    /// Writes the files left by unfinished work and by a shard's collection, made with the companion files of their
    /// targets' inputs.
    private func writeSeeds(to folder: URL) throws {
        let beside = URL(filePath: fixtures).appending(path: "beside")
        try UnfinishedWork(in: beside.appending(path: "state")).writeStates(to: folder.appending(path: "state"))
        try AtomicOutput.makeFolder(folder.appending(path: "share"))
        try SharedTexts(in: beside.appending(path: "share")).write(to: folder.appending(path: "share/whole"))
    }

    /// Prints a line immediately, because buffered text is lost in a crash.
    private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
