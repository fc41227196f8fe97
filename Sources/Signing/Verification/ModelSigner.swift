import Crypto
import DataFiles
import Foundation
import TensorCore

/// Signs models, plans, probes and any other file or folder in the OpenSSF Model Signing format v1.0.
public struct ModelSigner: Sendable {
    private let key: SigningKey
    /// The signer's certificate in DER, then those that lead to a root; empty if the key is trusted on its own.
    private let certificates: [Data]

    /// - Parameter certificates: the certificates in DER, the signer's first; the signature includes them.
    /// - Throws: `InputError` if `certified` is not the key's public key.
    public init(_ key: SigningKey, certificates: [Data] = [], certified: VerifyingKey? = nil) throws {
        if let certified, certified.der != key.verifyingKey.der {
            throw InputError.badData(
                "a certificate of another key", in: "--certificate", remedy: "give the certificate of the signing key")
        }
        self.key = key
        self.certificates = certificates
    }

    /// Signs all files of a scope; O(bytes) on the workers.
    ///
    /// - Parameter tensorManifest: the text of a manifest to sign together with the files.
    /// - Returns: the signature file's bytes.
    /// - Throws: `InputError` if a file can't be read or there are links.
    public func sign(_ scope: SigningScope, tensorManifest: Data? = nil, workers: WorkerPool) throws -> Data {
        var form = Serialization(followsLinks: scope.followsLinks, ignored: scope.ignored)
        if scope.url.isFolder {
            form.ignored += SigningScope.gitPaths.filter { !form.ignored.contains($0) }
        }
        let covered = try SignedFiles(at: scope.url, ignoring: form.ignoredPaths, followsLinks: form.followsLinks)
        if let refused = covered.refused.first {
            throw InputError.badData(
                refused.what, in: scope.url.appending(path: refused.path.text).path(percentEncoded: false),
                remedy: "leave it out with --ignore, or sign the files that links lead to with --follow-links")
        }
        guard !covered.files.isEmpty else {
            throw InputError.badData(
                "no file to sign", in: scope.url.path(percentEncoded: false), remedy: "give a folder with files")
        }
        let statement = SignedStatement(
            name: scope.name, form, try SignedResource.all(covered.files, form, workers: workers),
            tensorManifest: tensorManifest.map { Array(SHA256.hash(data: $0)) })
        let payload = try statement.payload
        let signed = SigningEnvelope.signedBytes(payloadType: SignedStatement.payloadType, payload: payload)
        let envelope = SigningEnvelope(
            payloadType: SignedStatement.payloadType, payload: payload, signature: try key.sign(signed))
        let material: SignatureBundle.Material =
            certificates.isEmpty ? .key(hint: key.verifyingKey.hint) : .chain(certificates)
        return try SignatureBundle(material, envelope).data
    }
}
