import Foundation

extension String {
    /// A number's text with a minus sign in place of the hyphen.
    var typographic: String { replacing("-", with: "−") }

    /// The text with its first letter as a capital.
    var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
