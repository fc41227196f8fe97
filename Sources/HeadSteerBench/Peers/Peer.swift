import DataFiles
import Foundation

/// A peer in a process of its own: a script under Fixtures/peers that loaded a model once and answers requests, one JSON
/// object a line. Between requests it waits in a read.
final class Peer {
    /// What the peer calls itself, `llama.cpp`, or what it is called in the table.
    var name = ""
    /// The versions of what it runs on.
    private(set) var version = ""
    /// The instruction sets that it says it uses, as it names them; empty where it names none.
    private(set) var features: [String] = []
    private let script: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var received = Data()
    /// How long the peer's threads may still spin after an answer, before the next measurement begins.
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

    /// The seconds that a piece of work takes there.
    ///
    /// - Throws: `InputError` where the peer reports an error or is gone.
    func seconds(_ operation: String, _ fields: [String: Any] = [:]) throws -> Double {
        let answer = try request(fields.merging(["op": operation]) { $1 })
        guard let seconds = try answer.double("seconds"), seconds > 0 else { throw answer.missing("seconds") }
        Thread.sleep(forTimeInterval: Self.settling)
        return seconds
    }

    /// Makes sure that the peer computes the model, not something else quickly: the token that it finds likeliest after a
    /// prompt has to be among those that we do. (It rounds otherwise than we, so it needn't be the first.)
    ///
    /// - Throws: `InputError` where it isn't, or where the peer reports an error or is gone.
    func check(_ expected: PeerCheck) throws {
        let answer = try request(["op": "next", "tokens": expected.prompt])
        guard let token = try answer.integer("token") else { throw answer.missing("token") }
        guard expected.likeliest.contains(token) else {
            throw InputError.badData(
                "the token \(token) after a prompt that \(expected.likeliest[0]) follows", in: script,
                remedy: "build this peer anew: it doesn't compute the model")
        }
    }

    /// The names in llama.cpp's list, `CPU : AVX2 = 1 | AMX_INT8 = 1 | REPACK = 1`, that are 1.
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
            "a peer that ended by itself", in: script,
            remedy: "run Fixtures/peers/install.sh, and try the script with Python by hand to see why")
    }
}
