import Crypto
import DataFiles
import Foundation
import Signing
import X509

/// The trusted parts of a Sigstore instance: the roots of its authority, and the keys of its logs.
///
/// They come from the file `trusted_root.json`, or from a client's `trust_config.json` that contains one.
public struct SigstoreTrust: Sendable {
    /// A log's key; the log's number is the key's SHA-256.
    struct Log: Sendable {
        let identifier: Data
        let key: VerifyingKey
        let valid: ValidTime
    }

    struct Authority: Sendable {
        let certificates: [Certificate]
        let valid: ValidTime
    }

    /// A period of validity, which may have no known end.
    struct ValidTime: Sendable {
        let start: Date
        let end: Date?

        func contains(_ time: Date) -> Bool { time >= start && end.map { time <= $0 } ?? true }
    }

    let authorities: [Authority]
    /// The logs of certificates.
    let certificateLogs: [Log]
    /// The logs of signatures (Rekor).
    let signatureLogs: [Log]

    private static let mediaTypes = [
        "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    ]

    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` if it is not such a file.
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

    /// The logs whose keys are of a known kind; the statements of other logs can't be checked, and aren't believed.
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
