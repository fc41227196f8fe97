import Foundation

/// Floats as Python writes them.
enum FloatText {
    /// `repr`: the shortest digits that read back as the same number, with an exponent below 1e-4 and from 1e16.
    static func shortest(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
        let (digits, point) = decimalDigits(value.magnitude)
        let sign = value < 0 ? "-" : ""
        if point > 16 || point < -3 {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let exponent = abs(point - 1)
            return
                "\(sign)\(digits.prefix(1))\(fraction)e\(point > 0 ? "+" : "-")\(exponent < 10 ? "0" : "")\(exponent)"
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if digits.count <= point { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }

    /// The shortest digits and the position of the decimal point among them: 0.05 is ("5", -1).
    private static func decimalDigits(_ value: Double) -> (digits: String, point: Int) {
        var text = "\(value)"
        var exponent = 0
        if let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            exponent = Int(text[text.index(after: mark)...]) ?? 0
            text = String(text[..<mark])
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let whole = parts[0]
        let fraction = parts.count > 1 ? parts[1] : ""
        var digits = whole + fraction
        var point = whole.count + exponent
        while digits.first == "0" {
            digits.removeFirst()
            point -= 1
        }
        while digits.last == "0" { digits.removeLast() }
        return (String(digits), point)
    }

    /// `%.{precision}f`, correctly rounded.
    static func fixed(_ value: Double, precision: Int) -> String { formatted(value, precision, "f") }

    /// C's `%e`, `%f` and `%g` and their capital forms, with Python's spelling of infinities.
    static func formatted(_ value: Double, _ precision: Int, _ type: String, alternate: Bool = false) -> String {
        if !value.isFinite {
            let text = value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
            return type == type.uppercased() ? text.uppercased() : text
        }
        return String(format: "%\(alternate ? "#" : "").\(precision)\(type)", value)
    }
}
