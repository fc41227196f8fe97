import DataFiles
import Foundation

/// A rival in a process of its own: a script under Fixtures/peers that loaded a model once and answers requests, one JSON
/// object a line. Between requests it waits in a read.
final class Peer {
    /// What the peer calls itself: `llama.cpp`.
    private(set) var name = ""
    /// The versions of what it runs on.
    private(set) var version = ""
    private let script: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var received = Data()
    /// How long the rival's threads may still spin after an answer, before the next measurement begins.
    private static let settling = 0.03

    /// Starts a script and waits until its model is loaded.
    ///
    /// - Throws: `InputError` where it can't be started or ends early; what it wrote on standard error stands above then.
    init(_ script: String, arguments: [String], options: PeerOptions, showsErrors: Bool = false) throws {
        self.script = script
        let path = URL(filePath: options.peers).appending(path: script).path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else {
            throw InputError.missingFile(path, remedy: "run this in the package's folder, or give --peers")
        }
        process.executableURL = try options.interpreter()
        process.arguments = [path] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = showsErrors ? FileHandle.standardError : FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw InputError.badData("a Python that can't be started", in: script, remedy: "check --python")
        }
        _ = try answer()
        let about = try request(["op": "about"])
        name = try about.string("name") ?? script
        version = try about.string("version") ?? "of an unknown version"
    }

    deinit { close() }

    /// Ends the process and waits for it.
    func close() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The seconds that a piece of work takes there.
    ///
    /// - Throws: `InputError` where the peer reports an error or is gone.
    func seconds(_ operation: String, _ fields: [String: Any] = [:]) throws -> Double {
        let answer = try request(fields.merging(["op": operation]) { $1 })
        guard let seconds = try answer.double("seconds"), seconds > 0 else { throw answer.missing("seconds") }
        Thread.sleep(forTimeInterval: Self.settling)
        return seconds
    }

    private func request(_ fields: [String: Any]) throws -> JSONObject {
        var line = try JSONSerialization.data(withJSONObject: fields)
        line.append(0x0A)
        do {
            try input.fileHandleForWriting.write(contentsOf: line)
        } catch {
            throw gone
        }
        return try answer()
    }

    private func answer() throws -> JSONObject {
        while true {
            if let end = received.firstIndex(of: 0x0A) {
                let line = Data(received[received.startIndex..<end])
                received = Data(received[(end + 1)...])
                let answer = try JSONObject(data: line, place: "the answer of \(script)")
                if let problem = try answer.string("error") {
                    throw InputError.badData(problem, in: script, remedy: "run Fixtures/peers/install.sh again")
                }
                return answer
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw gone }
            received.append(more)
        }
    }

    private var gone: InputError {
        .badData(
            "a peer that ended by itself", in: script,
            remedy: "run Fixtures/peers/install.sh, and try the script with Python by hand to see why")
    }
}
