import Foundation
import SwiftASN1
import X509

/// The signed part of a certificate, parsed only as far as we need it (RFC 5280, 4.1).
struct TBSCertificate {
    private let fields: [ASN1Node]

    init(_ certificate: Certificate) throws {
        guard case .constructed(let nodes) = try DER.parse(certificate.tbsCertificateBytes).content else {
            throw ASN1Error.unexpectedFieldType(.sequence)
        }
        fields = Array(nodes)
    }

    /// The key in DER (SubjectPublicKeyInfo): the field after version, serial number, algorithm, issuer, validity and
    /// subject.
    var publicKey: Data? {
        // Certificates of version 1 leave out the version.
        let index = fields.first?.identifier.tagClass == .contextSpecific ? 6 : 5
        return fields.indices.contains(index) ? Data(fields[index].encodedBytes) : nil
    }

    /// The bytes without one extension, as submitted to a log before the certificate was made (RFC 6962, 3.2).
    func removing(_ identifier: ASN1ObjectIdentifier) throws -> Data {
        var body: [UInt8] = []
        for field in fields {
            guard field.identifier == ASN1Identifier(tagWithNumber: 3, tagClass: .contextSpecific) else {
                body += field.encodedBytes
                continue
            }
            guard case .constructed(let outer) = field.content, let list = outer.first(where: { _ in true }),
                case .constructed(let extensions) = list.content
            else { throw ASN1Error.unexpectedFieldType(field.identifier) }
            let kept = try extensions.filter { node in
                guard case .constructed(let parts) = node.content, let name = parts.first(where: { _ in true }) else {
                    throw ASN1Error.unexpectedFieldType(node.identifier)
                }
                return try ASN1ObjectIdentifier(derEncoded: name) != identifier
            }
            body += Self.element(0xA3, Self.element(0x30, kept.flatMap { Array($0.encodedBytes) }))
        }
        return Data(Self.element(0x30, body))
    }

    /// An element with its tag and its length (X.690, 8.1.3).
    private static func element(_ tag: UInt8, _ body: [UInt8]) -> [UInt8] {
        if body.count < 128 { return [tag, UInt8(body.count)] + body }
        var length: [UInt8] = []
        var rest = body.count
        while rest > 0 {
            length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + body
    }
}
