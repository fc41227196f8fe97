import DataFiles
import Foundation
import Signing
import X509

/// Trusts whoever has a certificate that leads to one of some roots.
///
/// Nothing says when a signature with a certificate was made, so the certificates have to be valid at the time of checking, or
/// at one that the caller vouches for. (`model-signing` takes the time from which the signer's certificate is valid.)
/// Revocation is not looked at.
public struct CertificateVerifier: SignatureVerifier {
    private let roots: [Certificate]
    private let time: Date

    /// - Parameters:
    ///   - roots: PEM files of certificates that are trusted; intermediate ones may be among them.
    ///   - time: when the certificates have to be valid.
    /// - Throws: `InputError` where a file is missing or holds no certificates.
    public init(roots: [URL], at time: Date = Date()) throws {
        self.roots = try roots.flatMap { try Certificate.all(in: $0).map(\.certificate) }
        self.time = time
    }

    /// Makes sure that a bundle was signed with the key of a certificate that leads to a trusted root.
    ///
    /// - Throws: `SignatureFailure` where it was not; `InputError` where that can't be checked.
    public func verify(_ bundle: SignatureBundle) async throws {
        guard case .chain(let data) = bundle.material else {
            throw SignatureFailure("the signature holds no chain of certificates")
        }
        let certificates = try data.map { data in
            guard let certificate = try? Certificate(derBytes: data) else {
                throw SignatureFailure("the signature holds a certificate that is broken")
            }
            return certificate
        }
        let signer = certificates[0]
        let validation = ChainValidation(roots: roots, intermediates: Array(certificates.dropFirst()))
        _ = try await validation.chain(for: signer, at: time)
        guard let key = signer.verifyingKey else {
            throw SignatureFailure("the certificate is of another key than ECDSA on P-256, P-384 or P-521")
        }
        try key.verify(bundle.envelope)
    }
}
