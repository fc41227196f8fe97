/// A number as a JSON file writes it, converted only when it is asked for, so that no digit is lost before then.
///
/// Its magnitude fits in a `Double`; `JSONReader` refuses others.
package struct JSONNumber: Sendable, Equatable {
    /// The number as it is written: `7`, `-0.50`, `1e3`.
    package let text: String

    /// - Parameter text: a number in RFC 8259's grammar.
    /// - Returns: nil if the magnitude is too large for a `Double`.
    init?(_ text: String) {
        self.text = text
        // A number this short without an exponent is always in range, so most numbers needn't be converted to find out.
        let isSmall = text.utf8.count <= 15 && !text.utf8.contains { $0 | 0x20 == UInt8(ascii: "e") }
        guard isSmall || Double(text)?.isFinite == true else { return nil }
    }

    /// Whether it is written without a fraction or an exponent: `2`, but not `2.0`.
    package var isIntegerLiteral: Bool {
        text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// The number if it is whole and an `Int` holds it exactly: `2`, `2.0` and `2e3`, but not `2.5` or `1e300`.
    package var integer: Int? {
        if let value = Int(text) { return value }
        guard !isIntegerLiteral, let whole = Int(exactly: double) else { return nil }
        // Above 2⁵³ the conversion to a Double may have rounded a fraction away.
        return whole.magnitude <= 1 << 53 ? whole : nil
    }

    /// The nearest `Double`; finite.
    package var double: Double { Double(text) ?? 0 }
}
