import DataFiles
import Foundation

/// A program that was run to completion.
struct ProgramRun {
    /// The program's standard output.
    let output: Data

    /// - Throws: `InputError` if the program can't be started or fails; its standard error appears above that.
    init(_ program: URL, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        do {
            try process.run()
        } catch {
            throw InputError.missingFile(program.path(percentEncoded: false), remedy: "name a program that runs here")
        }
        output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw InputError.badData(
                "a run that ended with status \(process.terminationStatus)", in: program.path(percentEncoded: false),
                remedy: "see its message")
        }
    }

    /// The path of this program.
    ///
    /// - Throws: `InputError` if the system doesn't provide it.
    static func ownProgram() throws -> URL {
        guard let program = Bundle.main.executableURL else {
            throw InputError.missingFile("this program's own file", remedy: "run it by its full path")
        }
        return program
    }
}
