/// Runs of combining marks: no text in any language has more than a few in a row.
///
/// Comparing and hashing strings sorts the marks of a run one by one, which takes hours for a million marks.
package enum CombiningMarks {
    /// The longest run that is allowed; Unicode's own limit for streams is 30 (UAX #15, stream-safe text format).
    package static let most = 1000

    /// Whether UTF-8 text has a longer run; O(bytes).
    package static func areTooMany(in text: String) -> Bool {
        guard text.utf8.count > 2 * most else { return false }
        var text = text
        let hasLongRun = text.withUTF8 { bytes in
            // No scalar below U+0300 is a combining mark, and their first bytes are below CC. For most texts this is
            // enough.
            var count = 0
            for byte in bytes {
                count = byte < 0x80 || (0xC0..<0xCC).contains(byte) ? 0 : count + 1
                if count > 2 * most { return true }
            }
            return false
        }
        guard hasLongRun else { return false }
        var count = 0
        for scalar in text.unicodeScalars {
            count = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : count + 1
            if count > most { return true }
        }
        return false
    }
}
