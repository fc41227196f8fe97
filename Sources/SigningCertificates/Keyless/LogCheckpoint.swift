import Foundation
import Signing

/// A log's signed note about its size and root.
///
/// The text consists of lines: the log's name, the size, the root in base 64, and perhaps others. An empty line and the
/// signatures follow, each `— NAME` and the base 64 of the first four bytes of the log's number and of the signature.
struct LogCheckpoint {
    let size: UInt64
    let root: Data

    /// Reads a checkpoint signed by a log; nil if the text isn't a checkpoint, or isn't signed by that log.
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
