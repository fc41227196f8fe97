import DataFiles
import Foundation
import Signing
import X509

/// Certificates for a signature: the signer's, then those that lead to a root.
public struct CertificateChain: Sendable {
    /// In DER, the signer's first.
    public let certificates: [Data]
    /// The public key of the signer's certificate.
    public let signerKey: VerifyingKey

    /// Reads PEM files in their order; nil where there are none.
    ///
    /// - Throws: `InputError` where a file is missing, holds no certificate or a broken one, or the first certificate is of
    ///   no key that signs models.
    public init?(contentsOf urls: [URL]) throws {
        guard !urls.isEmpty else { return nil }
        certificates = try urls.flatMap { url in
            let path = url.path(percentEncoded: false)
            let blocks = try PEMText(contentsOf: url).blocks.filter { $0.label == "CERTIFICATE" }
            guard !blocks.isEmpty else {
                throw InputError(.unreadable, "no certificate", in: path, remedy: "give a PEM file with certificates")
            }
            for block in blocks {
                guard (try? Certificate(derBytes: block.bytes)) != nil else {
                    throw InputError(
                        .unreadable, "a certificate that is broken", in: path, remedy: "fetch or write it again")
                }
            }
            return blocks.map(\.bytes)
        }
        let path = urls[0].path(percentEncoded: false)
        guard let first = certificates.first, let key = (try? Certificate(derBytes: first))?.verifyingKey else {
            throw InputError.unsupported(
                "a certificate of another key than ECDSA on P-256, P-384 or P-521", in: path,
                remedy: "give the certificate of such a key first")
        }
        signerKey = key
    }
}

extension Certificate {
    /// A certificate from its DER form.
    init(derBytes: Data) throws { try self.init(derEncoded: Array(derBytes)) }

    /// The certificate's key, where it is one that signs models.
    var verifyingKey: VerifyingKey? { (try? TBSCertificate(self))?.publicKey.flatMap { VerifyingKey(der: $0) } }
}
