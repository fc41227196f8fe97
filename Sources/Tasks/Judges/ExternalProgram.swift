import DataFiles
import Dispatch
import Foundation

/// Runs another program on some input and returns its output.
struct ExternalProgram {
    var command: [String]
    var timeout: Double
    /// The maximum number of bytes of output.
    var mostOutput: Int
    var isCancelled: @Sendable () -> Bool

    private var place: String { "the command \(command.joined(separator: " "))" }

    /// The program's standard output.
    ///
    /// All three streams are files in a folder of their own, so that no full pipe can stop either side. On Linux,
    /// Foundation regards a program as running as long as one of its children runs. The timeout covers these children
    /// too, but only the program itself is ended then.
    func run(input: Data) throws -> Data {
        let folder = FileManager.default.temporaryDirectory.appending(path: "headsteer-\(UUID().uuidString)")
        let (inputFile, outputFile, errorFile) = (
            folder.appending(path: "input"), folder.appending(path: "output"), folder.appending(path: "errors")
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = try executable()
        process.arguments = Array(command.dropFirst())
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try input.write(to: inputFile)
            try Data().write(to: outputFile)
            try Data().write(to: errorFile)
            process.standardInput = try FileHandle(forReadingFrom: inputFile)
            process.standardOutput = try FileHandle(forWritingTo: outputFile)
            process.standardError = try FileHandle(forWritingTo: errorFile)
            try process.run()
        } catch {
            throw InputError(
                .missingFile, "a program that can't be started (\(error.localizedDescription))", in: place,
                remedy: "check that it exists and is executable")
        }
        do {
            try wait(for: ended, output: outputFile)
        } catch {
            Self.end(process, ended)
            throw error
        }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let how = process.terminationReason == .exit ? "status" : "signal"
            throw InputError.badData(
                "a run that ended with \(how) \(process.terminationStatus)\(Self.lastLine(errorFile))", in: place,
                remedy: "run it by hand to see why")
        }
        let size = Self.size(outputFile)
        guard size <= mostOutput, let output = FileManager.default.contents(atPath: outputFile.path) else {
            throw tooMuch(size)
        }
        return output
    }

    private func executable() throws -> URL {
        if command[0].contains("/") { return URL(filePath: command[0]) }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        for folder in folders {
            let path = "\(folder)/\(command[0])"
            if FileManager.default.isExecutableFile(atPath: path) { return URL(filePath: path) }
        }
        throw InputError(
            .missingFile, "a program that is not in any folder of PATH", in: place, remedy: "give its path")
    }

    private func wait(for ended: DispatchSemaphore, output: URL) throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(timeout)
        while ended.wait(timeout: .now() + .milliseconds(20)) == .timedOut {
            if isCancelled() { throw CancellationError() }
            if clock.now > deadline {
                throw InputError.badData(
                    "no end within \(timeout) seconds", in: place, remedy: "give it more time or fewer texts")
            }
            let size = Self.size(output)
            if size > mostOutput { throw tooMuch(size) }
        }
    }

    private func tooMuch(_ size: Int) -> InputError {
        .badData("\(size) bytes of output", in: place, remedy: "write one score a line and nothing else")
    }

    /// Asks a program to end, and kills it if it doesn't.
    private static func end(_ process: Process, _ ended: DispatchSemaphore) {
        process.terminate()
        if ended.wait(timeout: .now() + .seconds(1)) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            _ = ended.wait(timeout: .now() + .seconds(1))
        }
    }

    private static func size(_ file: URL) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }

    /// The last line that a program wrote to standard error, in brackets; empty if it wrote none.
    private static func lastLine(_ file: URL) -> String {
        guard let handle = try? FileHandle(forReadingFrom: file) else { return "" }
        defer { try? handle.close() }
        let size = size(file)
        try? handle.seek(toOffset: UInt64(max(0, size - 2000)))
        let text = (try? handle.readToEnd()).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = text.split(whereSeparator: \.isNewline).last.map { $0.prefix(200) } ?? ""
        return line.isEmpty ? "" : " (\(line))"
    }
}
