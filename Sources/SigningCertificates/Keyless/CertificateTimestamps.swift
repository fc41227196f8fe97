import Crypto
import Foundation
import Signing
import SwiftASN1
import X509

/// The timestamps in a certificate by which logs confirm that they have seen it (RFC 6962).
struct CertificateTimestamps {
    static let identifier: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 11129, 2, 4, 2]

    /// Checks that one of the trusted logs has seen the certificate.
    ///
    /// - Throws: `SignatureFailure` if none has.
    static func verify(_ certificate: Certificate, issuer: Certificate, logs: [SigstoreTrust.Log]) throws {
        guard let stored = certificate.extensions[oid: identifier],
            let octets = try? ASN1OctetString(derEncoded: stored.value)
        else { throw SignatureFailure("the certificate is in no log: it holds no timestamp of one") }
        var list = ByteReader(Array(octets.bytes))
        guard let all = list.bytes(lengthOf: 2), list.isAtEnd else { throw broken }
        guard let signed = try? TBSCertificate(certificate).removing(identifier),
            let key = try? TBSCertificate(issuer).publicKey
        else { throw broken }
        var reader = ByteReader(all)
        while !reader.isAtEnd {
            guard let one = reader.bytes(lengthOf: 2) else { throw broken }
            var timestamp = ByteReader(one)
            guard let version = timestamp.number(1), let log = timestamp.bytes(32), let time = timestamp.number(8),
                let extensions = timestamp.bytes(lengthOf: 2), let algorithms = timestamp.bytes(2),
                let signature = timestamp.bytes(lengthOf: 2), timestamp.isAtEnd
            else { throw broken }
            // Version 1; SHA-256 with ECDSA.
            guard version == 0, algorithms == [4, 3], let known = logs.first(where: { Array($0.identifier) == log }),
                known.valid.contains(Date(timeIntervalSince1970: Double(time) / 1000))
            else { continue }
            let entry =
                [0, 0] + big(time, 8) + [0, 1] + Array(SHA256.hash(data: key)) + big(UInt64(signed.count), 3) + signed
                + big(UInt64(extensions.count), 2) + extensions
            if known.key.isValid(Data(signature), for: Data(entry)) { return }
        }
        throw SignatureFailure("the certificate is in none of the logs that are trusted")
    }

    private static let broken = SignatureFailure("the certificate's timestamps of logs are broken")

    private static func big(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64(count - 1 - $0))) }
    }
}

/// Reads numbers and byte strings one after the other, most significant byte first.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func number(_ count: Int) -> UInt64? {
        bytes(count)?.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A byte string that follows its length, which takes that many bytes.
    mutating func bytes(lengthOf count: Int) -> [UInt8]? { number(count).flatMap { bytes(Int($0)) } }
}
