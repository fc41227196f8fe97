/// The alphabet in which byte-level BPE writes bytes.
///
/// Printable Latin-1 characters stand for themselves, and the scalars from U+0100 on stand for the 68 other bytes
/// (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019). A space is `Ġ`, a line feed `Ċ`.
enum ByteLevelAlphabet {
    /// The scalar that stands for each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0...255).map { (byte: UInt32) in
            if isItself(byte) { return Unicode.Scalar(UInt8(byte)) }
            defer { next += 1 }
            return Unicode.Scalar(next) ?? "\u{FFFD}"
        }
    }()

    /// The byte that each scalar below U+0144 stands for, -1 for none.
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = Int16(byte) }
        return bytes
    }()

    private static func isItself(_ byte: UInt32) -> Bool {
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
    }

    /// The bytes that a text in this alphabet stands for; nil if one of its scalars is not in the alphabet.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        return append(text, to: &result) ? result : nil
    }

    /// Appends the bytes that a text in this alphabet stands for.
    ///
    /// - Returns: whether all its scalars are in the alphabet; if not, some of the bytes have been appended.
    static func append(_ text: some StringProtocol, to result: inout [UInt8]) -> Bool {
        // Scalars below U+0144 have one or two bytes of UTF-8, and their lead bytes are below 0xC6.
        let bytes = Self.bytes
        var scalar = 0
        for unit in text.utf8 {
            switch unit {
            case ..<0x80: scalar = Int(unit)
            case ..<0xC0: scalar |= Int(unit & 0x3F)
            case ..<0xC6:
                scalar = Int(unit & 0x1F) << 6
                continue
            default: return false
            }
            guard scalar < bytes.count, bytes[scalar] >= 0 else { return false }
            result.append(UInt8(bytes[scalar]))
        }
        return true
    }
}
