import Foundation

/// Who is trusted to sign, and how that is checked.
public protocol SignatureVerifier: Sendable {
    /// Makes sure that a bundle's payload was signed by whom the verifier trusts.
    ///
    /// - Throws: ``SignatureFailure`` where it was not; `InputError` where that can't be checked.
    func verify(_ bundle: SignatureBundle) async throws
}

/// Why a signature doesn't hold.
public struct SignatureFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason, in a sentence without its full stop.
    public let description: String

    /// A failure for that reason.
    public init(_ description: String) { self.description = description }
}

extension VerifyingKey: SignatureVerifier {
    /// Makes sure that a bundle was signed with the key and no certificate.
    ///
    /// - Throws: ``SignatureFailure`` where it was not.
    public func verify(_ bundle: SignatureBundle) throws {
        guard case .key(let hint) = bundle.material else {
            throw SignatureFailure("the signature was made with a certificate, not with a key alone")
        }
        if let hint, !hint.isEmpty, hint != self.hint {
            throw SignatureFailure("the signature was made with another key")
        }
        try verify(bundle.envelope)
    }

    /// Makes sure that an envelope was signed with the key.
    ///
    /// - Throws: ``SignatureFailure`` where it was not.
    public func verify(_ envelope: SigningEnvelope) throws {
        guard isValid(envelope.signature, for: envelope.signedBytes) else {
            throw SignatureFailure("the signature is not the key's for what it signs: either was changed")
        }
    }
}
