import Transformer

/// Which layers' computations are checked at which positions: all of them at the first watched one, then some at each, in turn,
/// so that every layer's turn comes within a few tokens.
struct ConsistencySchedule: Sendable {
    let layers: Int
    /// The layers that are checked at one position.
    let layersAtOnce: Int

    /// - Parameter layersAtOnce: a sixth of the layers by default, a cost of well under a hundredth of a decoding step.
    init(layers: Int, layersAtOnce: Int? = nil) {
        self.layers = layers
        self.layersAtOnce = min(layersAtOnce ?? max(1, (layers + 5) / 6), layers)
    }

    /// The layers to check at a position.
    ///
    /// - Parameter first: the first position that is watched.
    func layers(at position: Int, first: Int) -> [Int] {
        if position < first { return [] }
        if position == first { return Array(0..<layers) }
        let start = (position - first - 1) * layersAtOnce
        return (0..<layersAtOnce).map { (start + $0) % layers }
    }
}
