import Foundation
import XCTest
import _TestSupport

/// The built program, run as a process.
enum Program {
    struct Result {
        var status: Int32
        var output: String
        var error: String
        var arguments: [String]

        /// What standard output holds: exactly one JSON object, or the test fails.
        func json(file: StaticString = #filePath, line: UInt = #line) throws -> [String: Any] {
            XCTAssertEqual(status, 0, "\(arguments): \(error)", file: file, line: line)
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
            XCTAssertEqual(
                output.filter(\.isNewline).count, 1, "one line of JSON: \(output.prefix(300))", file: file, line: line)
            return try XCTUnwrap(object as? [String: Any], "no object: \(output.prefix(300))", file: file, line: line)
        }
    }

    /// Beside the bundle that holds these tests.
    static var url: URL {
        get throws {
            #if os(macOS)
                let folder = Bundle(for: Anchor.self).bundleURL.deletingLastPathComponent()
            #else
                let folder = Bundle.main.executableURL?.deletingLastPathComponent() ?? URL(filePath: ".")
            #endif
            let url = folder.appending(path: "headsteer")
            guard FileManager.default.isExecutableFile(atPath: url.path(percentEncoded: false)) else {
                throw Missing(path: url.path(percentEncoded: false))
            }
            return url
        }
    }

    private final class Anchor {}

    struct Missing: Error {
        var path: String
    }

    static func run(
        _ arguments: [String], in folder: URL? = nil, input: String? = nil, variables: [String: String] = [:],
        interruptAfter seconds: Double? = nil, whileRunning: (Process) throws -> Void = { _ in }
    ) throws -> Result {
        let process = Process()
        process.executableURL = try url
        process.arguments = arguments
        process.currentDirectoryURL = folder
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_BACKTRACE"] = "enable=no"
        environment.merge(variables) { _, new in new }
        process.environment = environment
        let output = Pipe()
        let error = Pipe()
        let given = Pipe()
        process.standardInput = input == nil ? FileHandle.nullDevice : given
        process.standardOutput = output
        process.standardError = error
        try process.run()
        if let input {
            // At most a few lines, which the pipe holds.
            try given.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try given.fileHandleForWriting.close()
        }
        // A program that hangs fails its test by its status instead of hanging the tests.
        let watchdog = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: watchdog)
        defer { watchdog.cancel() }
        if let seconds {
            Thread.sleep(forTimeInterval: seconds)
            process.interrupt()
        }
        try whileRunning(process)
        // Standard error is at most a few lines, which the pipe holds until standard output has ended.
        let outputData = try output.fileHandleForReading.readToEnd() ?? Data()
        let errorData = try error.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: outputData, as: UTF8.self), error: String(decoding: errorData, as: UTF8.self),
            arguments: arguments)
    }
}

/// A test case with a folder of its own that is empty at first and removed at the end.
class ProgramTestCase: XCTestCase {
    let folder = FileManager.default.temporaryDirectory.appending(
        path: "headsteer-\(UUID().uuidString)", directoryHint: .isDirectory)

    static let planted = FixtureLocation.fixtures.appending(path: "planted/planted.gguf").path(percentEncoded: false)
    static let grouped = FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped.gguf").path(
        percentEncoded: false)

    override func setUpWithError() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: folder)
    }

    /// The path of a file in the test's folder.
    func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

    /// Writes a file to the test's folder and gives its path.
    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: folder.appending(path: name))
        return path(name)
    }

    /// Runs the program and kills it as soon as a file has so many lines.
    func runKilled(
        _ arguments: [String], when file: String, has count: Int, line: UInt = #line
    ) throws {
        let killed = try Program.run(arguments, in: folder) { process in
            let end = Date() + 60
            func lines() -> Int { FileManager.default.contents(atPath: file)?.count { $0 == 0x0A } ?? 0 }
            while lines() < count, Date() < end, process.isRunning { Thread.sleep(forTimeInterval: 0.002) }
            kill(process.processIdentifier, SIGKILL)
        }
        XCTAssertEqual(killed.status, -SIGKILL, killed.error, line: line)
    }

    /// Kills a command, and gives it again on one thread: it continues. In between, another seed begins anew.
    ///
    /// - Parameters:
    ///   - arguments: the command, which ends with the option for its output folder.
    ///   - out: the name of that folder.
    ///   - count: the lines of the journal at which the command is killed.
    ///   - work: what is said to continue, such as `comparison`.
    /// - Returns: how the command that continued ended.
    @discardableResult
    func continueAfterKill(
        _ arguments: [String], _ out: String, has count: Int, saying work: String, line: UInt = #line
    ) throws -> Program.Result {
        let arguments = arguments + [path(out)]
        let journal = path("\(out)/parts.journal")
        try runKilled(arguments, when: journal, has: count, line: line)
        let kept = try Data(contentsOf: URL(filePath: journal))
        let other = try Program.run(arguments + ["--seed", "1"], in: folder)
        XCTAssertEqual(other.status, 0, other.error, line: line)
        XCTAssertFalse(other.error.contains("Continuing"), other.error, line: line)
        try kept.write(to: URL(filePath: journal))
        let again = try Program.run(arguments + ["--threads", "1"], in: folder)
        XCTAssertEqual(again.status, 0, again.error, line: line)
        XCTAssertTrue(again.error.contains("Continuing the \(work) that was stopped in"), again.error, line: line)
        XCTAssertFalse(FileManager.default.fileExists(atPath: journal), "it is removed", line: line)
        return again
    }

    /// The names in the test's folder.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()
    }

    static func fixture(_ name: String) -> String {
        FixtureLocation.fixtures.appending(path: name).path(percentEncoded: false)
    }

    /// Runs a command with `--json` and checks that standard error is empty.
    func json(
        _ arguments: String..., file: StaticString = #filePath, line: UInt = #line
    ) throws -> [String: Any] {
        try json(arguments, file: file, line: line)
    }

    func json(
        _ arguments: [String], file: StaticString = #filePath, line: UInt = #line
    ) throws -> [String: Any] {
        let result = try Program.run(arguments + ["--json"], in: folder)
        XCTAssertEqual(result.error, "", "\(arguments)", file: file, line: line)
        return try result.json(file: file, line: line)
    }

    /// Runs a command that must be refused with a status and one line on standard error.
    func assertRefused(
        _ arguments: [String], _ status: Int32, saying words: String..., file: StaticString = #filePath,
        line: UInt = #line
    ) throws {
        let before = try names()
        let result = try Program.run(arguments, in: folder)
        let context = "\(arguments): \(result.error)"
        XCTAssertEqual(result.status, status, context, file: file, line: line)
        XCTAssertEqual(result.output, "", context, file: file, line: line)
        XCTAssertTrue(result.error.hasPrefix("error: "), context, file: file, line: line)
        XCTAssertEqual(result.error.filter(\.isNewline).count, 1, "one line: \(context)", file: file, line: line)
        XCTAssertTrue(result.error.contains("; "), "says what to do: \(context)", file: file, line: line)
        for word in words {
            XCTAssertTrue(result.error.contains(word), "\(word) is missing in \(context)", file: file, line: line)
        }
        XCTAssertEqual(try names(), before, "files were left behind by \(arguments)", file: file, line: line)
    }
}

extension [String: Any] {
    func integers(_ key: String) throws -> [Int] { try XCTUnwrap(self[key] as? [Int], "\(key) of \(keys.sorted())") }

    func double(_ key: String) throws -> Double {
        try XCTUnwrap((self[key] as? NSNumber)?.doubleValue, "\(key) of \(keys.sorted())")
    }

    func string(_ key: String) throws -> String { try XCTUnwrap(self[key] as? String, "\(key) of \(keys.sorted())") }

    func object(_ key: String) throws -> [String: Any] {
        try XCTUnwrap(self[key] as? [String: Any], "\(key) of \(keys.sorted())")
    }

    func objects(_ key: String) throws -> [[String: Any]] {
        try XCTUnwrap(self[key] as? [[String: Any]], "\(key) of \(keys.sorted())")
    }
}
