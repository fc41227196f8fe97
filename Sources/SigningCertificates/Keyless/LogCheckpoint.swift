import Foundation
import Signing

/// A log's word on its size and root: a signed note.
///
/// The text is lines: the log's name, the size, the root in base 64, perhaps others; then an empty line and signatures, `— NAME` and
/// base 64 of the first four bytes of the log's number and the signature.
struct LogCheckpoint {
    let size: UInt64
    let root: Data

    /// Reads a checkpoint that a log signed; nil where it is none, or not the log's.
    init?(_ note: String, of log: SigstoreTrust.Log) {
        guard let end = note.range(of: "\n\n") else { return nil }
        let text = note[..<end.lowerBound] + "\n"
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, let size = UInt64(lines[1]), let root = Data(base64Encoded: String(lines[2])),
            root.count == 32
        else { return nil }
        let signed = note[end.upperBound...].split(separator: "\n").contains { line in
            let parts = line.split(separator: " ")
            guard parts.count == 3, parts[0] == "\u{2014}", let bytes = Data(base64Encoded: String(parts[2])),
                bytes.prefix(4) == log.identifier.prefix(4)
            else { return false }
            return log.key.isValid(bytes.dropFirst(4), for: Data(text.utf8))
        }
        guard signed else { return nil }
        self.size = size
        self.root = root
    }
}
