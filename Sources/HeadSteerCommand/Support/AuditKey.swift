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

    func digest() throws -> String { FileDigest.sha256(try JSONEncoder.oneLine.encode(self)) }
}
