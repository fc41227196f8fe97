import Foundation

/// The signed content in DSSE form (Dead Simple Signing Envelope, v1): a payload, its type, and one signature.
public struct SigningEnvelope: Sendable, Equatable {
    /// The payload's media type, which is signed with it.
    public let payloadType: String
    /// The signed statement as JSON, byte for byte.
    public let payload: Data
    /// An ECDSA signature (r, s) in DER.
    public let signature: Data

    /// Creates an envelope with an existing signature, which isn't checked.
    public init(payloadType: String, payload: Data, signature: Data) {
        self.payloadType = payloadType
        self.payload = payload
        self.signature = signature
    }

    /// The bytes that are signed: DSSE's pre-authentication encoding.
    public var signedBytes: Data { Self.signedBytes(payloadType: payloadType, payload: payload) }

    static func signedBytes(payloadType: String, payload: Data) -> Data {
        Data("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }
}
