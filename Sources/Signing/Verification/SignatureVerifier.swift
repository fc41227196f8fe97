import Foundation

/// Decides which signers are trusted, and checks that one of them signed.
public protocol SignatureVerifier: Sendable {
    /// Checks that a trusted signer signed a bundle's payload.
    ///
    /// - Throws: ``SignatureFailure`` if not; `InputError` if that can't be checked.
    func verify(_ bundle: SignatureBundle) async throws
}

/// The reason that a signature isn't valid.
public struct SignatureFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason, as a sentence without its full stop.
    public let description: String

    /// Creates a failure with a reason.
    public init(_ description: String) { self.description = description }
}

extension VerifyingKey: SignatureVerifier {
    /// Checks that a bundle was signed with this key and without a certificate.
    ///
    /// - Throws: ``SignatureFailure`` if not.
    public func verify(_ bundle: SignatureBundle) throws {
        guard case .key(let hint) = bundle.material else {
            throw SignatureFailure("the signature was made with a certificate, not with a key alone")
        }
        if let hint, !hint.isEmpty, hint != self.hint {
            throw SignatureFailure("the signature was made with another key")
        }
        try verify(bundle.envelope)
    }

    /// Checks that an envelope was signed with this key.
    ///
    /// - Throws: ``SignatureFailure`` if not.
    public func verify(_ envelope: SigningEnvelope) throws {
        guard isValid(envelope.signature, for: envelope.signedBytes) else {
            throw SignatureFailure(
                "the signature doesn't match the key and the signed content: the content or the signature was "
                    + "changed, or another key made it")
        }
    }
}
