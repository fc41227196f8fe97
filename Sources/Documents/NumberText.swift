import Foundation

/// Formats numbers for reports in the same way in every locale, with typographic minus signs.
///
/// Output for programs is formatted elsewhere.
package enum NumberText {
    /// A number without superfluous digits: `20`, `7.5`.
    package static func short(_ value: Double) -> String {
        withMinusSigns(value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value))
    }

    /// A number with its sign and two decimals: `+3.49`, `−0.20`.
    package static func signed(_ value: Double) -> String { format("%+.2f", value) }

    /// A text with numbers, formatted as by `String(format:)`.
    package static func format(_ format: String, _ values: any CVarArg...) -> String {
        withMinusSigns(String(format: format, arguments: values))
    }

    /// A warning as a sentence, with a capital letter and a full stop.
    package static func sentence(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
    }

    /// The text with a minus sign in place of each hyphen that is before a number and not inside a word.
    ///
    /// The hyphen in a power of ten, `4.9e-04`, is replaced too.
    package static func withMinusSigns(_ text: String) -> String {
        let characters = Array(text)
        return String(
            characters.indices.map { index in
                guard characters[index] == "-", index + 1 < characters.count else { return characters[index] }
                let next = characters[index + 1]
                let isNumber = next.isNumber || next == "." || characters[(index + 1)...].starts(with: "inf")
                guard isNumber else { return characters[index] }
                let before = index > 0 ? characters[index - 1] : " "
                let isPower =
                    before == "e" && index > 1 && (characters[index - 2].isNumber || characters[index - 2] == ".")
                return isPower || !(before.isLetter || before.isNumber) ? "−" : "-"
            })
    }
}
