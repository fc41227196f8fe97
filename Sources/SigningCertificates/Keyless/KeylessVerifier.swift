import DataFiles
import Foundation
import Signing
import SwiftASN1
import X509

/// Trusts a person or program that Sigstore named in a certificate made for one signature ("keyless").
///
/// It checks that the certificate leads to Sigstore's root at the time given by the log of signatures; that a log of
/// certificates has seen it; that it names the identity and the issuer who vouched for it; that the signature is from
/// its key; and that the log of signatures holds exactly this signature, by promise and by proof. Timestamps of RFC
/// 3161 are ignored.
public struct KeylessVerifier: SignatureVerifier {
    private let trust: SigstoreTrust
    private let identity: String
    private let issuer: String

    /// - Parameters:
    ///   - identity: an address or the URI of a workflow, as in the certificate.
    ///   - issuer: the URL of the issuer who vouched for it.
    public init(_ trust: SigstoreTrust, identity: String, issuer: String) {
        self.trust = trust
        self.identity = identity
        self.issuer = issuer
    }

    /// Checks that a bundle was signed by the identity, at a time when its certificate was valid.
    ///
    /// - Throws: `SignatureFailure` if not; `InputError` if that can't be checked.
    public func verify(_ bundle: SignatureBundle) async throws {
        guard case .certificate(let data) = bundle.material, let signer = try? Certificate(derBytes: data) else {
            throw SignatureFailure("the signature holds no certificate of Sigstore")
        }
        guard bundle.logEntries.count == 1 else {
            throw SignatureFailure("the signature is in \(bundle.logEntries.count) logs, where one is looked at")
        }
        let entry = try LogEntry(bundle.logEntries[0], logs: trust.signatureLogs)
        let chain = try await chain(for: signer, at: entry.time)
        try CertificateTimestamps.verify(signer, issuer: chain[1], logs: trust.certificateLogs)
        try verifyIdentity(signer)
        guard let key = signer.verifyingKey else {
            throw SignatureFailure("the certificate is of another key than ECDSA on P-256, P-384 or P-521")
        }
        try key.verify(bundle.envelope)
        try entry.verify(bundle.envelope, certificate: data)
    }

    /// The chain to an authority that was trusted at a given time, with at least two certificates.
    private func chain(for signer: Certificate, at time: Date) async throws -> [Certificate] {
        guard let usage = try? signer.extensions.extendedKeyUsage, usage.contains(.codeSigning) else {
            throw SignatureFailure("the certificate is not for signing code")
        }
        var failure = SignatureFailure("no authority is trusted for that time")
        for authority in trust.authorities where authority.valid.contains(time) {
            guard let root = authority.certificates.last else { continue }
            let validation = ChainValidation(roots: [root], intermediates: Array(authority.certificates.dropLast()))
            do {
                let chain = try await validation.chain(for: signer, at: time)
                if chain.count > 1 { return chain }
            } catch let error as SignatureFailure {
                failure = error
            }
        }
        throw failure
    }

    private func verifyIdentity(_ certificate: Certificate) throws {
        let names = ((try? certificate.extensions.subjectAlternativeNames).flatMap { $0 } ?? SubjectAlternativeNames())
            .compactMap { name -> String? in
                switch name {
                case .rfc822Name(let text), .uniformResourceIdentifier(let text): text
                default: nil
                }
            }
        guard names.contains(where: { $0.utf8.elementsEqual(identity.utf8) }) else {
            let found = names.isEmpty ? "nobody" : names.joined(separator: ", ")
            throw SignatureFailure("the signer is \(found), not \(identity)")
        }
        let vouching = Self.issuers(of: certificate)
        guard !vouching.isEmpty, vouching.allSatisfy({ $0.utf8.elementsEqual(issuer.utf8) }) else {
            let found = vouching.isEmpty ? "nobody" : vouching.joined(separator: ", ")
            throw SignatureFailure("the one who vouched for the signer is \(found), not \(issuer)")
        }
    }

    /// The issuers who vouched for the signer: a UTF-8 string in DER in the newer extension, plain text in the older
    /// one.
    private static func issuers(of certificate: Certificate) -> [String] {
        var issuers: [String] = []
        if let old = certificate.extensions[oid: [1, 3, 6, 1, 4, 1, 57264, 1, 1]] {
            issuers.append(String(decoding: old.value, as: UTF8.self))
        }
        if let new = certificate.extensions[oid: [1, 3, 6, 1, 4, 1, 57264, 1, 8]] {
            issuers.append((try? ASN1UTF8String(derEncoded: new.value)).map { String($0) } ?? "")
        }
        return issuers
    }
}
