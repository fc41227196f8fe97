/// Reads the scalars of a pattern one after the other.
struct PatternReader {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    var count: Int { scalars.count }
    var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    mutating func next() -> Unicode.Scalar? {
        defer { index += 1 }
        return current
    }

    /// Whether this text comes next; if so, skips it.
    mutating func skip(_ text: String) -> Bool {
        let text = Array(text.unicodeScalars)
        guard scalars[min(index, scalars.count)...].starts(with: text) else { return false }
        index += text.count
        return true
    }

    /// The decimal number that comes next; nil if there is none, or if it has more than six digits.
    mutating func number() -> Int? {
        var digits = ""
        while let scalar = current, ("0"..."9").contains(scalar), digits.count < 7 {
            digits.unicodeScalars.append(scalar)
            index += 1
        }
        return digits.count < 7 ? Int(digits) : nil
    }
}
