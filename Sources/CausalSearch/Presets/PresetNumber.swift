import Foundation

/// Formats numbers for notes.
enum PresetNumber {
    /// Two significant digits where the number is small: `0.074`, `1.9`, `35`.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "NaN or infinity" }
        if value == value.rounded(), abs(value) < 1e6 { return String(Int(value)) }
        let digits = abs(value) >= 10 ? 1 : max(1, 1 - Int(floor(log10(max(abs(value), 1e-9)))))
        let scale = pow(10, Double(min(digits, 9)))
        return "\((value * scale).rounded() / scale)"
    }
}
