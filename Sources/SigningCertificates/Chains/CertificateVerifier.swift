import DataFiles
import Foundation
import Signing
import X509

/// Trusts anyone with a certificate that leads to one of the given roots.
///
/// A signature with a certificate doesn't tell when it was made, so the certificates must be valid at the time of
/// checking, or at a time that the caller vouches for. (`model-signing` uses the time from which the signer's
/// certificate is valid.) Revocation is not checked.
public struct CertificateVerifier: SignatureVerifier {
    private let roots: [Certificate]
    private let time: Date

    /// - Parameters:
    ///   - roots: PEM files of trusted certificates, which may include intermediate ones.
    ///   - time: the time at which the certificates must be valid. Default now.
    /// - Throws: `InputError` if a file is missing or holds no certificates.
    public init(roots: [URL], at time: Date = Date()) throws {
        self.roots = try roots.flatMap { try Certificate.all(in: $0).map(\.certificate) }
        self.time = time
    }

    /// Checks that a bundle was signed with the key of a certificate that leads to a trusted root.
    ///
    /// - Throws: `SignatureFailure` if not; `InputError` if that can't be checked.
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
