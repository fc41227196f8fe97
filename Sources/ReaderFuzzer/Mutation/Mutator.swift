import DataFiles

/// Makes new inputs from others.
///
/// It changes bits and bytes, sets numbers of any width to limits, cuts out, doubles and moves parts or takes them from
/// other inputs, and exchanges words of JSON.
struct Mutator {
    private var random: SeededGenerator
    private let inputs: [[UInt8]]
    /// The largest size of an input in bytes.
    private let longest: Int

    init(_ inputs: [[UInt8]], seed: UInt64) {
        self.inputs = inputs
        random = SeededGenerator(seed: seed)
        longest = 2 * (inputs.map(\.count).max() ?? 0) + 64
    }

    /// The next input; the same seed gives the same inputs.
    mutating func next() -> [UInt8] {
        var bytes = inputs.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes) }
        return Array(bytes.prefix(longest))
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
        case 1: bytes.removeSubrange(part(of: bytes, atMost: 64))
        case 2:
            let part = part(of: bytes, atMost: 256)
            bytes.insert(contentsOf: bytes[part], at: place(in: bytes))
        case 3:
            guard let other = inputs.randomElement(using: &random) else { return }
            let part = part(of: other, atMost: 1024)
            bytes.replaceSubrange(self.part(of: bytes, atMost: 256), with: other[part])
        case 4, 5: writeNumber(&bytes)
        case 6, 7: replaceWord(&bytes)
        default:
            guard !bytes.isEmpty else { return bytes.append(UInt8.random(in: 0...255, using: &random)) }
            let index = Int.random(in: 0..<bytes.count, using: &random)
            bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
    }

    private mutating func place(in bytes: [UInt8]) -> Int { Int.random(in: 0...bytes.count, using: &random) }

    private mutating func part(of bytes: [UInt8], atMost most: Int) -> Range<Int> {
        let start = place(in: bytes)
        return start..<start + Int.random(in: 0...min(most, bytes.count - start), using: &random)
    }

    /// Writes a little-endian number of 1 to 8 bytes at or near the limits of some width, as for lengths, counts and
    /// offsets.
    private mutating func writeNumber(_ bytes: inout [UInt8]) {
        let width = 1 << Int.random(in: 0..<4, using: &random)
        guard bytes.count >= width else { return }
        let limit = UInt64(1) << UInt64.random(in: 0..<64, using: &random)
        let numbers: [UInt64] = [limit, limit &- 1, 0 &- limit, UInt64(bytes.count), 0]
        let number = numbers.randomElement(using: &random) ?? 0
        let start = Int.random(in: 0...bytes.count - width, using: &random)
        for i in 0..<width { bytes[start + i] = UInt8(truncatingIfNeeded: number >> UInt64(8 * i)) }
    }

    /// Replaces a word (letters and digits) with another one: a number at a limit, a JSON literal, or a word from an
    /// input.
    private mutating func replaceWord(_ bytes: inout [UInt8]) {
        guard let word = word(in: bytes) else { return }
        let fixed: [String] = [
            "0", "-1", "1", "2", "255", "65536", "2147483648", "9223372036854775807", "-9223372036854775808",
            "18446744073709551616", "1e308", "1e-320", "0.5", "null", "true", "{}", "[]", "\"\"", "\\u0000", "\\ud800",
            "",
        ]
        if Bool.random(using: &random), let other = inputs.randomElement(using: &random),
            let replacement = self.word(in: other)
        {
            bytes.replaceSubrange(word, with: other[replacement])
        } else {
            bytes.replaceSubrange(word, with: Array((fixed.randomElement(using: &random) ?? "").utf8))
        }
    }

    private mutating func word(in bytes: [UInt8]) -> Range<Int>? {
        func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x5F || byte == 0x2D
        }
        let start = place(in: bytes)
        guard let first = bytes[start...].firstIndex(where: isWord) else { return nil }
        let lower = bytes[..<first].lastIndex { !isWord($0) }.map { $0 + 1 } ?? 0
        return lower..<(bytes[first...].firstIndex { !isWord($0) } ?? bytes.count)
    }
}
