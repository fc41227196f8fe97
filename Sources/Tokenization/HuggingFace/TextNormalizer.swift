import Foundation

/// One step of the normalization that comes before tokenizing in a `tokenizer.json`.
enum TextNormalizer: Sendable, Equatable {
    /// Unicode's normalization forms.
    case nfc, nfd, nfkc, nfkd
    /// Puts a text before every text that is not empty.
    case prepend([UInt8])
    /// Replaces a text wherever it occurs.
    case replace(from: [UInt8], to: [UInt8])

    /// - Complexity: O(text), times the length of what replaces where it is longer than what it replaces.
    func apply(to text: [UInt8]) -> [UInt8] {
        switch self {
        case .nfc, .nfd, .nfkc, .nfkd: Self.isASCII(text) ? text : normalized(text)
        case .prepend(let prefix): text.isEmpty ? text : prefix + text
        case .replace(let old, let new): ByteReplacement.replace(old, by: new, in: text)
        }
    }

    private static func isASCII(_ text: [UInt8]) -> Bool { text.allSatisfy { $0 < 0x80 } }

    private func normalized(_ text: [UInt8]) -> [UInt8] {
        let string = String(decoding: text, as: UTF8.self)
        return switch self {
        case .nfc: Array(string.precomposedStringWithCanonicalMapping.utf8)
        case .nfd: Array(string.decomposedStringWithCanonicalMapping.utf8)
        case .nfkc: Array(string.precomposedStringWithCompatibilityMapping.utf8)
        case .nfkd: Array(string.decomposedStringWithCompatibilityMapping.utf8)
        case .prepend, .replace: text
        }
    }
}

/// Replacing one byte string by another.
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
