import Crypto
import DataFiles
import Foundation
import Signing

/// An entry in a log of signatures (Rekor): what was signed, with which certificate, and when.
struct LogEntry {
    private let object: JSONObject
    private let body: Data
    private let log: SigstoreTrust.Log
    /// The time at which the entry was added to the log.
    let time: Date

    /// Checks that the entry is in a trusted log, by the log's promise, which gives the time, and by a proof.
    ///
    /// - Throws: `SignatureFailure` if it is not; `InputError` for an entry of an unknown kind.
    init(_ object: JSONObject, logs: [SigstoreTrust.Log]) throws {
        self.object = object
        let number = try object.required("logId", object.object).bytes("keyId")
        guard let log = logs.first(where: { $0.identifier == number }) else {
            throw SignatureFailure(
                "the signature is in a log that isn't trusted, or whose key is of a kind not known here")
        }
        self.log = log
        body = try object.bytes("canonicalizedBody")
        let seconds = try Self.number(object, "integratedTime")
        time = Date(timeIntervalSince1970: Double(seconds))
        guard log.valid.contains(time) else {
            throw SignatureFailure("the log's key was not valid when the entry came into the log")
        }
        try verifyPromise(seconds: seconds)
        try verifyProof()
    }

    /// Checks that the entry is for this signature.
    ///
    /// - Throws: `SignatureFailure` if it is for another one.
    func verify(_ envelope: SigningEnvelope, certificate: Data) throws {
        let entry = try JSONObject(data: body, place: "\(object.place): canonicalizedBody")
        let kind = try entry.required("kind", entry.string)
        let version = try entry.required("apiVersion", entry.string)
        guard kind == "dsse", version == "0.0.1" else {
            throw InputError.unsupported(
                "an entry of the log of the kind \(kind) \(version)", in: object.place,
                remedy: "dsse 0.0.1 is known; verify with sigstore's own programs")
        }
        let spec = try entry.required("spec", entry.object)
        let hash = try spec.required("payloadHash", spec.object)
        let signatures = try spec.required("signatures", spec.objects)
        let digest = Hexadecimal.text(SHA256.hash(data: envelope.payload))
        guard try hash.string("algorithm") == "sha256", try hash.string("value") == digest, signatures.count == 1 else {
            throw SignatureFailure("the log's entry is of another payload")
        }
        let verifier = try PEMText(
            String(decoding: signatures[0].bytes("verifier"), as: UTF8.self), place: object.place)
        guard try signatures[0].bytes("signature") == envelope.signature,
            verifier.blocks.map(\.bytes) == [certificate]
        else { throw SignatureFailure("the log's entry is of another signature") }
    }

    /// Checks the log's signature on the entry and its time (the signed entry timestamp).
    private func verifyPromise(seconds: Int) throws {
        guard let promise = try object.object("inclusionPromise") else {
            throw SignatureFailure(
                "the log's entry holds no promise of the log, so nothing that can be checked here says when it was signed"
            )
        }
        // Canonical JSON (RFC 8785): names in order, no spaces; base 64 and digits need no escapes.
        let number = Hexadecimal.text(log.identifier)
        let text =
            "{\"body\":\"\(body.base64EncodedString())\",\"integratedTime\":\(seconds),\"logID\":\"\(number)\","
            + "\"logIndex\":\(try Self.number(object, "logIndex"))}"
        guard log.key.isValid(try promise.bytes("signedEntryTimestamp"), for: Data(text.utf8)) else {
            throw SignatureFailure("the log's promise is not the log's for this entry")
        }
    }

    private func verifyProof() throws {
        guard let stored = try object.object("inclusionProof") else {
            throw SignatureFailure("the log's entry holds no proof that it is in the log")
        }
        let hashes = try (stored.strings("hashes") ?? []).map { text in
            guard let hash = Data(base64Encoded: text) else { throw stored.wrong("hashes", "a list of base 64") }
            return hash
        }
        let size = UInt64(try Self.number(stored, "treeSize"))
        let proof = MerkleProof(index: UInt64(try Self.number(stored, "logIndex")), size: size, hashes: hashes)
        let note = try stored.object("checkpoint").flatMap { try $0.string("envelope") } ?? ""
        guard let checkpoint = LogCheckpoint(note, of: log) else {
            throw SignatureFailure("the proof's checkpoint is not the log's")
        }
        guard let root = proof.root(of: body), checkpoint.size == size, checkpoint.root == root,
            try stored.bytes("rootHash") == root
        else { throw SignatureFailure("the proof doesn't show that the entry is in the log") }
    }

    /// A whole number, which the JSON of protocol buffers writes as a string.
    private static func number(_ object: JSONObject, _ key: String) throws -> Int {
        let number = object.isString(key) ? Int(try object.required(key, object.string)) : try object.integer(key)
        guard let number, number >= 0 else { throw object.wrong(key, "a whole number, 0 or above") }
        return number
    }
}
