import Auditing
import DataFiles
import Foundation
import TensorCore

/// What an audit depends on.
struct AuditKey: Encodable {
    var program = Version.text
    var version = AuditProtocol.version
    var fingerprint: String
    var numbers: [String: [Double]]
    var precision: Precision
    var seed: UInt64
    var data: [String: String]
    var contrast: String?
    var instruction: String?
    var neutral: [String]?
    var clean: String?

    func digest() throws -> String { try FileDigest.sha256(json: self) }

    /// The same by name, to say what differs.
    func identity() throws -> [String: String] {
        let given: [String: String?] = [
            "contrast": contrast, "instruction": instruction, "clean texts": clean,
            "neutral texts": try neutral.map { try FileDigest.sha256(json: $0) },
        ]
        return [
            "fingerprint": fingerprint, "program": program, "protocol": version, "precision": precision.rawValue,
            "numbers": try FileDigest.sha256(json: numbers), "seed": "\(seed)",
        ].merging(given.compactMapValues(\.self)) { $1 }.merging(data) { $1 }
    }
}
