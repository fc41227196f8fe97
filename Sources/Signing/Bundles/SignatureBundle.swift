import DataFiles
import Foundation

/// A signature file: a Sigstore bundle, version 0.3, with a DSSE envelope.
public struct SignatureBundle: Sendable {
    /// The bundle's claim about the signer, which must be checked before it can be trusted.
    public enum Material: Sendable, Equatable {
        /// A key that the reader already has, with the SHA-256 of its PEM form if the bundle gives one.
        case key(hint: String?)
        /// A certificate in DER, followed by those that lead to a root.
        case chain([Data])
        /// A certificate in DER that Sigstore made for a single signature.
        case certificate(Data)
    }

    /// The media type of the only supported version; others are rejected.
    public static let mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"

    /// The signer, as claimed by the bundle.
    public let material: Material
    /// The signed content and the signature.
    public let envelope: SigningEnvelope
    /// The entries of transparency logs, not yet parsed.
    public let logEntries: [JSONObject]
    /// The file, for error messages.
    public let place: String

    /// Reads a bundle.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` if it is not a bundle of this kind.
    public init(contentsOf url: URL) throws {
        let file = try MappedFile(contentsOf: url)
        try self.init(withExtendedLifetime(file) { Data(file.bytes) }, place: file.path)
    }

    /// Reads a bundle.
    ///
    /// - Parameter place: the file, for error messages.
    public init(_ data: Data, place: String) throws {
        self.place = place
        let object = try JSONObject(data: data, place: place)
        let media = try object.required("mediaType", object.string)
        guard media == Self.mediaType else {
            throw InputError.unsupported(
                "the media type \(media)", in: place, remedy: "give a bundle of the version 0.3")
        }
        guard !object.has("messageSignature") else {
            throw InputError.unsupported(
                "a signature of one message (messageSignature)", in: place,
                remedy: "sign in the OpenSSF Model Signing format")
        }
        try object.checkFields(["mediaType", "verificationMaterial", "dsseEnvelope"])
        let material = try object.required("verificationMaterial", object.object)
        self.material = try Self.material(material)
        logEntries = try material.objects("tlogEntries") ?? []
        envelope = try Self.envelope(object.required("dsseEnvelope", object.object))
    }

    private static func material(_ object: JSONObject) throws -> Material {
        try object.checkFields([
            "publicKey", "x509CertificateChain", "certificate", "tlogEntries", "timestampVerificationData",
        ])
        let kinds = ["publicKey", "x509CertificateChain", "certificate"].filter(object.has)
        guard kinds.count == 1 else {
            throw InputError.badData(
                "\(kinds.count) of publicKey, x509CertificateChain and certificate", in: object.place,
                remedy: "a bundle has one of them; sign again")
        }
        if let key = try object.object("publicKey") { return .key(hint: try key.string("hint")) }
        if let chain = try object.object("x509CertificateChain") {
            let certificates = try chain.required("certificates", chain.objects)
            guard !certificates.isEmpty else { throw chain.wrong("certificates", "a list of at least one") }
            return .chain(try certificates.map { try $0.bytes("rawBytes") })
        }
        return .certificate(try object.required("certificate", object.object).bytes("rawBytes"))
    }

    private static func envelope(_ object: JSONObject) throws -> SigningEnvelope {
        try object.checkFields(["payload", "payloadType", "signatures"])
        let signatures = try object.required("signatures", object.objects)
        guard signatures.count == 1 else { throw object.wrong("signatures", "a list of one") }
        return SigningEnvelope(
            payloadType: try object.required("payloadType", object.string), payload: try object.bytes("payload"),
            signature: try signatures[0].bytes("sig"))
    }
}

extension JSONObject {
    /// The field's bytes, stored in base 64.
    public func bytes(_ key: String) throws -> Data {
        guard let data = Data(base64Encoded: try required(key, string)) else { throw wrong(key, "base 64") }
        return data
    }
}

// MARK: - Writing

extension SignatureBundle {
    /// Creates a bundle of our own, without log entries.
    init(_ material: Material, _ envelope: SigningEnvelope) {
        self.material = material
        self.envelope = envelope
        logEntries = []
        place = ""
    }

    /// The file's bytes.
    var data: Data {
        get throws { try JSONEncoder.oneLine.encode(Written(self)) }
    }

    private struct Written: Encodable {
        struct Certificate: Encodable { var rawBytes: Data }
        struct Material: Encodable {
            var publicKey: [String: String]?
            var x509CertificateChain: [String: [Certificate]]?
            var certificate: Certificate?
            var tlogEntries: [String] = []
        }
        struct Signature: Encodable {
            var sig: Data
            var keyid = ""
        }
        struct Envelope: Encodable {
            var payload: Data
            var payloadType: String
            var signatures: [Signature]
        }
        var mediaType = SignatureBundle.mediaType
        var verificationMaterial: Material
        var dsseEnvelope: Envelope

        init(_ bundle: SignatureBundle) {
            verificationMaterial =
                switch bundle.material {
                case .key(let hint): Material(publicKey: hint.map { ["hint": $0] } ?? [:])
                case .chain(let chain):
                    Material(x509CertificateChain: ["certificates": chain.map { Certificate(rawBytes: $0) }])
                case .certificate(let data): Material(certificate: Certificate(rawBytes: data))
                }
            let envelope = bundle.envelope
            dsseEnvelope = Envelope(
                payload: envelope.payload, payloadType: envelope.payloadType,
                signatures: [Signature(sig: envelope.signature)])
        }
    }
}
