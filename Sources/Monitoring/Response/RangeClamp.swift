import TensorCore
import Transformer

extension HeadMonitor {
    /// Edits that hold heads within the range of clean texts.
    ///
    /// If ‖y‖² passes the head's radius r (``radii``), z is drawn towards the clean mean until it equals r: z ← μ
    /// + √(r / ‖y‖²) (z − μ). A z within the range stays bit for bit as it is.
    ///
    /// Put them after the edits that they are to undo, because edits of one head are carried out in order. A change
    /// that stays within the range is left alone.
    ///
    /// - Parameters:
    ///   - heads: the heads to hold; by default all of the model's.
    ///   - positions: by default the last prompt token and each one after it.
    public func clampingEdits(_ heads: [Head]? = nil, positions: PositionRule = .last) -> [Edit] {
        let all = Head.all(layers: model.layers, heads: model.heads)
        return (heads ?? all).map { head in
            let index = head.layer * model.heads + head.index
            let (envelope, radius) = (envelope, radii[index])
            return Edit.z(
                head, positions: positions,
                .custom { values, _ in
                    guard let z = values.baseAddress else { return }
                    envelope.hold(index, z, within: radius)
                })
        }
    }
}

extension HeadEnvelope {
    /// Draws one head's z towards the clean mean if ‖y‖² is more than `radius`; a z that isn't finite becomes the mean.
    ///
    /// - Parameter index: the head's number among all.
    func hold(_ index: Int, _ z: UnsafeMutablePointer<Float>, within radius: Float) {
        let scratch = WhiteningScratch(headSize: headSize)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: headSize) { whitened in
            guard let y = whitened.baseAddress else { return }
            whiten(index, z, into: y, scratch: scratch)
            let square = Elementwise.dot(y, y, count: headSize)
            if square <= radius { return }
            let factor = square.isFinite ? (radius / square).squareRoot() : 0
            for i in 0..<headSize {
                let centre = mean[index * headSize + i]
                z[i] = factor == 0 ? centre : centre + factor * (z[i] - centre)
            }
        }
    }
}
