import Crypto
import DataFiles
import Foundation

/// A private ECDSA key for signing: P-256, P-384 or P-521.
public struct SigningKey: Sendable {
    private enum Curve: Sendable {
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case p521(P521.Signing.PrivateKey)
    }

    private let key: Curve

    /// Reads a key from a PEM file: `PRIVATE KEY` (PKCS #8, RFC 5958) or `EC PRIVATE KEY` (SEC 1, RFC 5915).
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` if it holds no such key or one with a password.
    public init(contentsOf url: URL) throws {
        let path = url.path(percentEncoded: false)
        let text = try PEMText(contentsOf: url)
        let block = text.blocks.first { $0.label.hasSuffix("PRIVATE KEY") }
        if let block, block.label.hasPrefix("ENCRYPTED") || block.hasHeaders {
            throw InputError.unsupported(
                "a private key with a password", in: path,
                remedy: "remove the password: openssl pkcs8 -topk8 -nocrypt -in F -out G")
        }
        guard let block, ["PRIVATE KEY", "EC PRIVATE KEY"].contains(block.label) else {
            throw InputError(
                .unreadable, "no private key", in: path,
                remedy: "give a PEM file with a PRIVATE KEY or an EC PRIVATE KEY")
        }
        let pem = PEMText.text(block.bytes, label: block.label)
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) {
            self.key = .p256(key)
        } else if let key = try? P384.Signing.PrivateKey(pemRepresentation: pem) {
            self.key = .p384(key)
        } else if let key = try? P521.Signing.PrivateKey(pemRepresentation: pem) {
            self.key = .p521(key)
        } else {
            throw InputError.unsupported(
                "a private key that is not an ECDSA key on the curve P-256, P-384 or P-521", in: path,
                remedy: "make one: openssl ecparam -name prime256v1 -genkey -noout -out F")
        }
    }

    /// The public key that verifies signatures of this key.
    public var verifyingKey: VerifyingKey {
        switch key {
        case .p256(let key): VerifyingKey(key.publicKey)
        case .p384(let key): VerifyingKey(key.publicKey)
        case .p521(let key): VerifyingKey(key.publicKey)
        }
    }

    /// A signature in DER.
    ///
    /// It depends on random numbers, so signing twice gives different bytes.
    func sign(_ bytes: Data) throws -> Data {
        switch key {
        case .p256(let key): try key.signature(for: bytes).derRepresentation
        case .p384(let key): try key.signature(for: bytes).derRepresentation
        case .p521(let key): try key.signature(for: bytes).derRepresentation
        }
    }
}
