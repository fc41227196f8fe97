import Foundation

extension String {
    /// The text of a number with a minus sign in place of the hyphen.
    var typographic: String { replacing("-", with: "−") }

    /// The text with a capital first letter.
    var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
