/// Runs of combining marks, which no text of any language has more than a few of.
///
/// Comparing and hashing strings puts the marks of such a run in order, one by one: of a million marks that takes hours.
package enum CombiningMarks {
    /// The most that follow each other; Unicode's own limit for streams is 30 (UAX #15, stream-safe text format).
    package static let most = 1000

    /// Whether text in UTF-8 has more marks in a row; O(bytes).
    package static func areTooMany(in text: String) -> Bool {
        guard text.utf8.count > 2 * most else { return false }
        var text = text
        let hasLongRun = text.withUTF8 { bytes in
            // No scalar below U+0300 is one: their bytes are below CC. Of most texts nothing else is looked at.
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
