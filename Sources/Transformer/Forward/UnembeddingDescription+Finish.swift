import TensorCore

extension UnembeddingDescription {
    /// Turns the output of the output matrix into logits, in place.
    package func finish(_ logits: UnsafeMutablePointer<Float>, count: Int) {
        if multiplier != 1 { Elementwise.scale(logits, by: multiplier, count: count) }
        if let softCap { Elementwise.softCap(logits, at: softCap, count: count) }
    }
}
