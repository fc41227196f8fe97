import DataFiles
import Foundation

/// The peers of one comparison, each started when it is first needed and kept until the end.
final class PeerSet {
    private let model: String
    private let threads: Int
    private let options: PeerOptions
    private let showsErrors: Bool
    private let context: Int
    private var running: [String: Peer] = [:]
    private var seen: Set<String> = []

    /// - Parameters:
    ///   - model: the file whose weights all peers have.
    ///   - context: how many tokens the peers make room for, where they do so beforehand.
    init(model: String, threads: Int, options: PeerOptions, showsErrors: Bool, context: Int = 4096) {
        self.model = model
        self.threads = threads
        self.options = options
        self.showsErrors = showsErrors
        self.context = context
    }

    /// llama.cpp with the model itself, or with the same weights in another format.
    ///
    /// - Throws: `InputError` where it can't be started.
    func llamaCpp(_ format: String? = nil) throws -> Peer {
        try peer("peer_llama_cpp.py", [file(format), "--threads", "\(threads)", "--context", "\(context)"])
    }

    /// A process that has imported llama.cpp and opens the model when it is asked to; a new one each time.
    ///
    /// - Throws: `InputError` where it can't be started.
    func unopenedLlamaCpp() throws -> Peer {
        try started("peer_llama_cpp.py", [model, "--threads", "\(threads)", "--import-only"])
    }

    /// ik_llama.cpp with the model itself, or with the same weights in another format.
    ///
    /// - Throws: `InputError` where it can't be started.
    func ikLlama(_ format: String? = nil) throws -> Peer {
        try peer("peer_ik_llama.py", [file(format), "--threads", "\(threads)", "--context", "\(context)"])
    }

    /// transformers with the model's weights in a type of PyTorch's.
    ///
    /// - Throws: `InputError` where it can't be started.
    func transformers(_ type: String) throws -> Peer {
        try peer("peer_transformers.py", [model, "--threads", "\(threads)", "--dtype", type])
    }

    /// scikit-learn with random activations from a file.
    ///
    /// - Throws: `InputError` where it can't be started.
    func scikitLearn(_ file: String, heads: Int, rows: Int, size: Int) throws -> Peer {
        try peer(
            "peer_scikit_learn.py",
            [file, "--heads", "\(heads)", "--rows", "\(rows)", "--size", "\(size)", "--threads", "\(threads)"])
    }

    /// The versions of all that ran.
    var versions: [String] { seen.sorted() }

    private func peer(_ script: String, _ arguments: [String]) throws -> Peer {
        let key = ([script] + arguments).joined(separator: " ")
        if let peer = running[key] { return peer }
        let peer = try started(script, arguments)
        running[key] = peer
        return peer
    }

    private func started(_ script: String, _ arguments: [String]) throws -> Peer {
        let peer = try Peer(script, arguments: arguments, options: options, showsErrors: showsErrors)
        seen.insert(peer.version)
        return peer
    }

    /// The model's file in a format: `NAME.Q4_1.gguf` stands beside `NAME.F16.gguf`.
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
