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
        let chain = try urls.flatMap { try Certificate.all(in: $0) }
        guard let key = chain.first?.certificate.verifyingKey else {
            throw InputError.unsupported(
                "a certificate of another key than ECDSA on P-256, P-384 or P-521",
                in: urls[0].path(percentEncoded: false), remedy: "give the certificate of such a key first")
        }
        certificates = chain.map(\.der)
        signerKey = key
    }
}

extension Certificate {
    /// The certificates of a PEM file, each with its DER form.
    ///
    /// - Throws: `InputError` where the file is missing, holds no certificate or a broken one.
    static func all(in url: URL) throws -> [(certificate: Certificate, der: Data)] {
        let path = url.path(percentEncoded: false)
        let blocks = try PEMText(contentsOf: url).blocks.filter { $0.label == "CERTIFICATE" }
        guard !blocks.isEmpty else {
            throw InputError(.unreadable, "no certificate", in: path, remedy: "give a PEM file with certificates")
        }
        return try blocks.map { block in
            guard let certificate = try? Certificate(derBytes: block.bytes) else {
                throw InputError(
                    .unreadable, "a certificate that is broken", in: path, remedy: "fetch or write it again")
            }
            return (certificate, block.bytes)
        }
    }

    /// A certificate from its DER form.
    init(derBytes: Data) throws { try self.init(derEncoded: Array(derBytes)) }

    /// The certificate's key, where it is one that signs models.
    var verifyingKey: VerifyingKey? { (try? TBSCertificate(self))?.publicKey.flatMap { VerifyingKey(der: $0) } }
}
