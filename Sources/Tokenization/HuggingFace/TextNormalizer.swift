import Foundation

/// One normalization step of a `tokenizer.json`, applied before tokenizing.
enum TextNormalizer: Sendable, Equatable {
    /// Unicode's normalization forms.
    case nfc, nfd, nfkc, nfkd
    /// Puts a prefix before every text that is not empty.
    case prepend([UInt8])
    /// Replaces every occurrence of a text.
    case replace(from: [UInt8], to: [UInt8])

    /// - Complexity: O(text), times the length of the replacement if that is longer than the text it replaces.
    func apply(to text: [UInt8]) -> [UInt8] {
        switch self {
        // Decomposes first: Foundation on Linux doesn't join a Hangul syllable with the final consonant after it.
        case .nfc:
            NormalizationForm.apply(to: text) {
                $0.decomposedStringWithCanonicalMapping.precomposedStringWithCanonicalMapping
            }
        case .nfd: NormalizationForm.apply(to: text) { $0.decomposedStringWithCanonicalMapping }
        case .nfkc:
            NormalizationForm.apply(to: text) {
                $0.decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
            }
        case .nfkd: NormalizationForm.apply(to: text) { $0.decomposedStringWithCompatibilityMapping }
        case .prepend(let prefix): text.isEmpty ? text : prefix + text
        case .replace(let old, let new): ByteReplacement.replace(old, by: new, in: text)
        }
    }
}

/// Unicode normalization of long texts, piece by piece.
///
/// No scalar below U+0300 combines with the text before it in any form, so a text can be cut before each such scalar.
/// Foundation normalizes the pieces that are not plain ASCII; the results for repeated pieces are remembered.
enum NormalizationForm {
    static func apply(to text: [UInt8], _ normalize: (String) -> String) -> [UInt8] {
        guard text.contains(where: { $0 >= 0x80 }) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var known: [ArraySlice<UInt8>: [UInt8]] = [:]
        var start = 0
        while start < text.count {
            var end = start + 1
            // Lead bytes from CC on belong to scalars from U+0300 on; continuation bytes stay with their lead byte.
            while end < text.count, text[end] >= 0xCC || text[end] & 0xC0 == 0x80 { end += 1 }
            let piece = text[start..<end]
            if end == start + 1 {
                result.append(text[start])
            } else if let normalized = known[piece] {
                result += normalized
            } else {
                let normalized = Array(normalize(String(decoding: piece, as: UTF8.self)).utf8)
                if piece.count <= 32, known.count < 4096 { known[piece] = normalized }
                result += normalized
            }
            start = end
        }
        return result
    }
}

/// Replaces one byte string with another.
enum ByteReplacement {
    /// - Complexity: O(text · old).
    static func replace(_ old: [UInt8], by new: [UInt8], in text: [UInt8]) -> [UInt8] {
        guard let first = old.first, text.contains(first) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 2)
        var offset = 0
        while offset < text.count {
            if text[offset] == first, text[offset...].starts(with: old) {
                result += new
                offset += old.count
            } else {
                result.append(text[offset])
                offset += 1
            }
        }
        return result
    }
}
