import DataFiles
import Foundation
import Signing
import X509

/// Certificates for a signature: the signer's, followed by those that lead to a root.
public struct CertificateChain: Sendable {
    /// The certificates in DER, the signer's first.
    public let certificates: [Data]
    /// The public key of the signer's certificate.
    public let signerKey: VerifyingKey

    /// Reads PEM files in order; nil if there are none.
    ///
    /// - Throws: `InputError` if a file is missing, or holds no certificate or a broken one, or if the key of the first
    ///   certificate can't sign models.
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
    /// - Throws: `InputError` if the file is missing, or holds no certificate or a broken one.
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

    /// Reads a certificate in DER form.
    init(derBytes: Data) throws { try self.init(derEncoded: Array(derBytes)) }

    /// The certificate's key, if it can sign models.
    var verifyingKey: VerifyingKey? { (try? TBSCertificate(self))?.publicKey.flatMap { VerifyingKey(der: $0) } }
}
