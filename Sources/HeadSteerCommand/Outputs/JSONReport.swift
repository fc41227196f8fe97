import DataFiles
import Foundation

/// The file with what a command prints if it is given `--json`, without times.
enum JSONReport {
    /// Writes one line of JSON; the file's folder is made if it doesn't exist.
    ///
    /// - Throws: `InputError` if the file can't be written; `EncodingError` if a number isn't finite.
    static func write(_ value: some Encodable, to url: URL) throws {
        try AtomicOutput.makeFolder(url.deletingLastPathComponent())
        try AtomicOutput.write(try JSONEncoder.oneLine.encode(value) + Data("\n".utf8), to: url)
    }
}
