import Crypto
import DataFiles
import Foundation

/// A public ECDSA key for verifying signatures: P-256 with SHA-256, P-384 with SHA-384, P-521 with SHA-512 (FIPS
/// 186-5).
public struct VerifyingKey: Sendable {
    private enum Curve: Sendable {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
    }

    private let key: Curve

    /// Reads a key from a PEM file (`PUBLIC KEY`).
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` if it holds no key on these curves.
    public init(contentsOf url: URL) throws {
        let path = url.path(percentEncoded: false)
        let text = try PEMText(contentsOf: url)
        if text.blocks.contains(where: { $0.label.hasSuffix("PRIVATE KEY") }) {
            throw InputError(
                .unreadable, "a private key", in: path,
                remedy: "give the public key (openssl pkey -in F -pubout); keep the private one to yourself")
        }
        guard let block = text.blocks.first(where: { $0.label == "PUBLIC KEY" }), let key = Self(der: block.bytes)
        else {
            throw InputError(
                .unreadable, "no public key on the curve P-256, P-384 or P-521", in: path,
                remedy: "give a PEM file with such a PUBLIC KEY")
        }
        self = key
    }

    /// Reads a key in DER form (SubjectPublicKeyInfo, RFC 5480); nil for a key of another kind.
    public init?(der: Data) {
        if let key = try? P256.Signing.PublicKey(derRepresentation: der) {
            self.key = .p256(key)
        } else if let key = try? P384.Signing.PublicKey(derRepresentation: der) {
            self.key = .p384(key)
        } else if let key = try? P521.Signing.PublicKey(derRepresentation: der) {
            self.key = .p521(key)
        } else {
            return nil
        }
    }

    init(_ key: P256.Signing.PublicKey) { self.key = .p256(key) }
    init(_ key: P384.Signing.PublicKey) { self.key = .p384(key) }
    init(_ key: P521.Signing.PublicKey) { self.key = .p521(key) }

    /// Whether some bytes have this signature, in DER, from this key.
    public func isValid(_ signature: Data, for bytes: Data) -> Bool {
        do {
            return switch key {
            case .p256(let key): key.isValidSignature(try .init(derRepresentation: signature), for: bytes)
            case .p384(let key): key.isValidSignature(try .init(derRepresentation: signature), for: bytes)
            case .p521(let key): key.isValidSignature(try .init(derRepresentation: signature), for: bytes)
            }
        } catch {
            return false
        }
    }

    /// The key's DER form (SubjectPublicKeyInfo).
    public var der: Data {
        switch key {
        case .p256(let key): key.derRepresentation
        case .p384(let key): key.derRepresentation
        case .p521(let key): key.derRepresentation
        }
    }

    /// The key's hint in a bundle: the SHA-256 of its PEM form, in hexadecimal digits.
    public var hint: String { Hexadecimal.text(SHA256.hash(data: Data(PEMText.text(der, label: "PUBLIC KEY").utf8))) }
}
