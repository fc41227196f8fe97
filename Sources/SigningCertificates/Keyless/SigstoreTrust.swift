import Crypto
import DataFiles
import Foundation
import Signing
import X509

/// What is trusted of an instance of Sigstore: the roots of its authority, and the keys of its logs. The file
/// `trusted_root.json` says it, or a client's `trust_config.json` that holds one.
public struct SigstoreTrust: Sendable {
    /// A log's key; its number is the SHA-256 of it.
    struct Log: Sendable {
        let identifier: Data
        let key: VerifyingKey
        let valid: ValidTime
    }

    struct Authority: Sendable {
        let certificates: [Certificate]
        let valid: ValidTime
    }

    /// From when, and until when if that is known.
    struct ValidTime: Sendable {
        let start: Date
        let end: Date?

        func contains(_ time: Date) -> Bool { time >= start && end.map { time <= $0 } ?? true }
    }

    let authorities: [Authority]
    /// Logs of certificates.
    let certificateLogs: [Log]
    /// Logs of signatures (Rekor).
    let signatureLogs: [Log]

    private static let mediaTypes = [
        "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    ]

    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` where it is no such file.
    public init(contentsOf url: URL) throws {
        var object = try JSONObject(contentsOf: url)
        if let nested = try object.object("trustedRoot") { object = nested }
        let media = try object.required("mediaType", object.string)
        guard Self.mediaTypes.contains(media) else {
            throw InputError.unsupported(
                "the media type \(media)", in: object.place, remedy: "give a trusted_root.json")
        }
        authorities = try (object.objects("certificateAuthorities") ?? []).map { authority in
            let chain = try authority.required("certChain", authority.object)
            let certificates = try chain.required("certificates", chain.objects).map { field in
                guard let certificate = try? Certificate(derBytes: field.bytes("rawBytes")) else {
                    throw field.wrong("rawBytes", "a certificate")
                }
                return certificate
            }
            return Authority(certificates: certificates, valid: try Self.time(authority))
        }
        certificateLogs = try Self.logs(object, "ctlogs")
        signatureLogs = try Self.logs(object, "tlogs")
    }

    /// Logs whose keys are of a kind that we know; what another log says can't be checked, and isn't believed.
    private static func logs(_ object: JSONObject, _ key: String) throws -> [Log] {
        try (object.objects(key) ?? []).compactMap { log in
            let field = try log.required("publicKey", log.object)
            let bytes = try field.bytes("rawBytes")
            guard let key = VerifyingKey(der: bytes) else { return nil }
            return Log(identifier: Data(SHA256.hash(data: bytes)), key: key, valid: try time(field))
        }
    }

    private static func time(_ object: JSONObject) throws -> ValidTime {
        let range = try object.required("validFor", object.object)
        func date(_ key: String) throws -> Date? {
            guard let text = try range.string(key) else { return nil }
            let date =
                (try? Date(text, strategy: .iso8601))
                ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
            guard let date else { throw range.wrong(key, "a time such as 2021-01-12T11:53:27Z") }
            return date
        }
        return ValidTime(start: try range.required("start", date), end: try date("end"))
    }
}
