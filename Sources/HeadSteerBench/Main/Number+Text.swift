import Foundation

extension Double {
    /// The number with so many digits after the point.
    func text(digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
