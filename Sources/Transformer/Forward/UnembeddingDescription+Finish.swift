import Foundation
import TensorCore

extension UnembeddingDescription {
    /// What the output matrix gives becomes logits, in place.
    func finish(_ logits: UnsafeMutablePointer<Float>, count: Int) {
        if multiplier != 1 { Elementwise.scale(logits, by: multiplier, count: count) }
        guard let softCap else { return }
        for i in 0..<count { logits[i] = softCap * tanh(logits[i] / softCap) }
    }
}
