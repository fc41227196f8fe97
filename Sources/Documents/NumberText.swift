import Foundation

/// Numbers as reports write them, whatever the locale.
package enum NumberText {
    /// Without digits that say nothing: `20`, `7.5`.
    package static func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }

    /// With its sign and two digits: `+3.49`, `−0.20`.
    package static func signed(_ value: Double) -> String {
        (value < 0 ? "−" : "+") + String(format: "%.2f", abs(value))
    }
}
