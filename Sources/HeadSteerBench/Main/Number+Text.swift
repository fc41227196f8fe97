import Foundation

extension Double {
    /// The number with this many digits after the decimal point.
    func text(digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
