import DataFiles
import Foundation

extension PartJournal {
    /// The journal in an output folder, from which stopped work continues, which is then said on standard error.
    ///
    /// - Parameters:
    ///   - out: the folder as the user gave it; nil for a journal in memory, which nothing can continue from.
    ///   - work: what was stopped, for the message: `comparison`.
    ///   - key: the digest of everything that the work depends on; not asked for if there is no folder.
    static func continuing(_ work: String, in out: String?, _ console: Console, key: () throws -> String) throws
        -> PartJournal
    {
        guard let out else { return PartJournal() }
        let folder = URL(filePath: out, directoryHint: .isDirectory)
        let parts = try PartJournal(folder.appending(path: fileName), key: key())
        if parts.count > 0 { console.error("Continuing the \(work) that was stopped in \(out).") }
        return parts
    }
}
