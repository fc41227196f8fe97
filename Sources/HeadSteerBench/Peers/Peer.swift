import DataFiles
import Foundation

/// A peer in its own process: a script under Fixtures/peers that loads a model once and answers requests.
///
/// Each request and answer is one JSON object per line. Between requests, the script waits in a read.
final class Peer {
    /// The peer's own name, `llama.cpp`, or its name in the table.
    var name = ""
    /// The versions of the software that it runs on.
    private(set) var version = ""
    /// The instruction sets that the peer says it uses, by its own names; empty if it gives none.
    private(set) var features: [String] = []
    private let script: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var received = Data()
    /// The seconds that the peer's threads may keep spinning after an answer, before the next measurement begins.
    private static let settling = 0.03

    /// Starts a script and waits until its model is loaded.
    ///
    /// - Throws: `InputError` if it can't be started or ends early; its standard error appears above that.
    init(_ script: String, arguments: [String], options: PeerOptions, showsErrors: Bool = false) throws {
        self.script = script
        let path = URL(filePath: options.peers).appending(path: script).path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else {
            throw InputError.missingFile(path, remedy: "run this in the package's folder, or give --peers")
        }
        process.executableURL = try options.interpreter()
        process.arguments = [path] + arguments
        process.environment = options.environment
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
        features = Self.features(try about.string("features") ?? "")
    }

    deinit { close() }

    /// Ends the process and waits for it.
    func close() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// The seconds that a piece of work takes in the peer.
    ///
    /// - Throws: `InputError` if the peer reports an error or is gone.
    func seconds(_ operation: String, _ fields: [String: Any] = [:]) throws -> Double {
        let answer = try request(fields.merging(["op": operation]) { $1 })
        guard let seconds = try answer.double("seconds"), seconds > 0 else { throw answer.missing("seconds") }
        Thread.sleep(forTimeInterval: Self.settling)
        return seconds
    }

    /// Checks that the peer computes the model, and not something else quickly.
    ///
    /// The token that it finds most likely after a prompt must be among our most likely ones. It need not be the first,
    /// because the peer rounds differently.
    ///
    /// - Throws: `InputError` if it isn't, or if the peer reports an error or is gone.
    func check(_ expected: PeerCheck) throws {
        let answer = try request(["op": "next", "tokens": expected.prompt])
        guard let token = try answer.integer("token") else { throw answer.missing("token") }
        guard expected.likeliest.contains(token) else {
            throw InputError.badData(
                "the token \(token) after a prompt that \(expected.likeliest[0]) should follow", in: script,
                remedy: "build this peer again: it doesn't compute the model")
        }
    }

    /// The names that are 1 in llama.cpp's list, `CPU : AVX2 = 1 | AMX_INT8 = 1 | REPACK = 1`.
    private static func features(_ list: String) -> [String] {
        list.split(separator: "|").compactMap { entry in
            let sides = entry.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
            guard sides.count == 2, sides[1] == "1" else { return nil }
            return sides[0].split(separator: " ").last.map(String.init)
        }
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
            "a peer that ended unexpectedly", in: script,
            remedy: "run Fixtures/peers/install.sh, and try the script with Python by hand to see why")
    }
}
