import Foundation
import Signing
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

/// Checks whether a certificate leads to a trusted root (RFC 5280, by swift-certificates) and may be used for signing.
struct ChainValidation {
    let roots: [Certificate]
    let intermediates: [Certificate]

    /// The chain from the signer's certificate to a root at a given time.
    ///
    /// - Throws: `SignatureFailure` if there is none.
    func chain(for signer: Certificate, at time: Date) async throws -> [Certificate] {
        try Self.requireSigning(signer)
        try requireTime(signer, time)
        var verifier = Verifier(rootCertificates: CertificateStore(roots)) {
            RFC5280Policy(fixedExpiryValidationTime: time)
            SignerExtensions()
        }
        switch await verifier.validate(leaf: signer, intermediates: CertificateStore(intermediates)) {
        case .validCertificate(let chain):
            // swift-certificates doesn't check which uses the key of an authority may have.
            for authority in chain.dropFirst() {
                guard let usage = try? authority.extensions.keyUsage, !usage.keyCertSign else { continue }
                throw SignatureFailure("the key of \(authority.subject) must not sign certificates")
            }
            return Array(chain)
        case .couldNotValidate(let failures):
            let reason = failures.last.map { ": \($0.policyFailureReason)" } ?? ""
            throw SignatureFailure(
                "the certificate of \(Self.name(signer)) leads to none of the roots that are trusted\(reason)")
        }
    }

    /// Gives a message of its own for the most common reason.
    private func requireTime(_ certificate: Certificate, _ time: Date) throws {
        guard time >= certificate.notValidBefore, time <= certificate.notValidAfter else {
            let days = [certificate.notValidBefore, certificate.notValidAfter].map {
                $0.formatted(.iso8601.year().month().day())
            }
            throw SignatureFailure(
                "the certificate of \(Self.name(certificate)) is valid from \(days[0]) to \(days[1]), which "
                    + "\(time.formatted(.iso8601.year().month().day())) is not in")
        }
    }

    /// Requires, as the format does, a certificate for digital signatures or for code signing.
    private static func requireSigning(_ certificate: Certificate) throws {
        if let usage = try? certificate.extensions.keyUsage, usage.digitalSignature { return }
        if let usage = try? certificate.extensions.extendedKeyUsage, usage.contains(.codeSigning) { return }
        throw SignatureFailure("the certificate of \(name(certificate)) is not for signing")
    }

    private static func name(_ certificate: Certificate) -> String {
        let subject = "\(certificate.subject)"
        return subject.isEmpty ? "serial number \(certificate.serialNumber)" : subject
    }
}

/// The critical extensions of a signer's certificate that we check ourselves: its uses and its names.
private struct SignerExtensions: VerifierPolicy {
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
    ]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
        for certificate in chain {
            guard certificate.extensions[oid: .X509ExtensionID.extendedKeyUsage]?.critical == true else { continue }
            guard let usage = try? certificate.extensions.extendedKeyUsage,
                usage.contains(.codeSigning) || usage.contains(.any)
            else { return .failsToMeetPolicy(reason: "a certificate of the chain is not for signing code") }
        }
        return .meetsPolicy
    }
}
