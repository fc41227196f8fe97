import Foundation

/// How a learning rate changes over the steps of a fit, as in transformers' schedulers.
enum RateSchedule: Sendable {
    /// The rate stays the same.
    case constant
    /// The rate falls to 0 in a straight line.
    case linear
    /// The rate rises in a straight line over a share of the steps, then falls to 0 as half a cosine.
    case cosine(warmUp: Double)

    /// The share of the rate at a step.
    ///
    /// - Parameter step: the index of the step, from 0 and below `steps`.
    func factor(step: Int, of steps: Int) -> Double {
        switch self {
        case .constant: return 1
        case .linear: return Double(steps - step) / Double(max(steps, 1))
        case .cosine(let share):
            let rising = Int((share * Double(steps)).rounded())
            if step < rising { return Double(step) / Double(max(rising, 1)) }
            let progress = Double(step - rising) / Double(max(steps - rising, 1))
            return max(0, 0.5 * (1 + cos(.pi * progress)))
        }
    }
}
