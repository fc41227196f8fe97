import DataFiles
import Foundation

/// The peers for one model's comparison, each started when it is first needed and kept until the end.
final class PeerSet {
    private let model: String
    private let threads: Int
    private let options: PeerOptions
    private let showsErrors: Bool
    private let context: Int
    private let check: PeerCheck
    private var running: [String: Peer] = [:]
    private var failed: [Rival: InputError] = [:]
    private let log: PeerLog

    /// - Parameters:
    ///   - model: the file whose weights all peers use.
    ///   - check: the test that each peer must pass before it counts.
    ///   - context: the number of tokens that peers make room for, if they do so in advance.
    init(
        model: String, threads: Int, options: PeerOptions, showsErrors: Bool, check: PeerCheck, context: Int = 4096,
        log: PeerLog = PeerLog()
    ) {
        self.model = model
        self.threads = threads
        self.options = options
        self.showsErrors = showsErrors
        self.check = check
        self.context = context
        self.log = log
    }

    /// The peers with another model, whose versions are reported together with these.
    func with(model: String, check: PeerCheck, context: Int) -> PeerSet {
        PeerSet(
            model: model, threads: threads, options: options, showsErrors: showsErrors, check: check, context: context,
            log: log)
    }

    /// The peers that ran, one string each: a version, or a name with its version and the instruction sets that it says
    /// it uses.
    var versions: [String] { log.lines.sorted() }

    /// A rival with the model itself, or with the same weights in another format, after checking that it computes the
    /// model.
    ///
    /// - Throws: `InputError` if it can't be started or fails the check; a rival that failed once is not tried again.
    func rival(_ rival: Rival, format: String? = nil) throws -> Peer {
        if let error = failed[rival] { throw error }
        do {
            let script = rival.script
            return try peer(
                script.file,
                [try file(format)] + script.arguments + ["--threads", "\(threads)", "--context", "\(context)"],
                name: rival.name, checked: true)
        } catch let error as InputError {
            if format == nil { failed[rival] = error }
            throw error
        }
    }

    /// Ends a rival's process to free its memory; it starts again when it is needed.
    func close(_ rival: Rival) {
        let script = rival.script
        for key in running.keys where key.hasPrefix(([script.file, model] + script.arguments).joined(separator: " ")) {
            running.removeValue(forKey: key)?.close()
        }
    }

    /// A new process that has loaded a build of llama.cpp, and opens the model only on request.
    ///
    /// - Throws: `InputError` if it can't be started.
    func unopened(_ rival: Rival) throws -> Peer {
        let script = rival.script
        return try started(
            script.file, [model] + script.arguments + ["--threads", "\(threads)", "--import-only"], name: rival.name)
    }

    /// transformers, with the model's weights in one of PyTorch's types.
    ///
    /// - Throws: `InputError` if it can't be started.
    func transformers(_ type: String) throws -> Peer {
        try peer("peer_transformers.py", [model, "--threads", "\(threads)", "--dtype", type])
    }

    /// scikit-learn, with random activations from a file.
    ///
    /// - Throws: `InputError` if it can't be started.
    func scikitLearn(_ file: String, heads: Int, rows: Int, size: Int) throws -> Peer {
        try peer(
            "peer_scikit_learn.py",
            [file, "--heads", "\(heads)", "--rows", "\(rows)", "--size", "\(size)", "--threads", "\(threads)"])
    }

    private func peer(
        _ script: String, _ arguments: [String], name: (([String]) -> String)? = nil, checked: Bool = false
    ) throws -> Peer {
        let key = ([script] + arguments).joined(separator: " ")
        if let peer = running[key] { return peer }
        let peer = try started(script, arguments, name: name)
        if checked { try peer.check(check) }
        running[key] = peer
        return peer
    }

    private func started(_ script: String, _ arguments: [String], name: (([String]) -> String)?) throws -> Peer {
        let peer = try Peer(script, arguments: arguments, options: options, showsErrors: showsErrors)
        if let name { peer.name = name(peer.features) }
        log.add(peer)
        return peer
    }

    /// The model's file in a format: `NAME.Q4_1.gguf` is in the same folder as `NAME.F16.gguf`.
    private func file(_ format: String?) throws -> String {
        guard let format else { return model }
        let url = URL(filePath: model)
        let stem = url.deletingPathExtension().deletingPathExtension().lastPathComponent
        let other = url.deletingLastPathComponent().appending(path: "\(stem).\(format).gguf").path(
            percentEncoded: false)
        guard FileManager.default.fileExists(atPath: other) else {
            throw InputError.missingFile(
                other, remedy: "make it with Fixtures/peers/formats.py \(model), as install.sh does")
        }
        return other
    }
}

/// The peers that ran, across several models.
final class PeerLog {
    private(set) var lines: Set<String> = []

    func add(_ peer: Peer) {
        lines.insert(
            peer.features.isEmpty
                ? peer.version : "\(peer.name) (\(peer.version); \(peer.features.joined(separator: " ")))")
    }
}
