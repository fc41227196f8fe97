import Transformer

/// Which layers are examined at which positions.
///
/// All layers are examined at the first watched position, then some at each position, in turn, so that every layer's
/// turn comes within a few tokens, and a token costs a small part of what all layers would.
struct LayerTurns: Sendable {
    let layers: Int
    /// How many layers are examined at one position.
    let layersAtOnce: Int

    /// - Parameter positions: the number of positions within which each layer has its turn.
    init(layers: Int, positions: Int) {
        self.layers = layers
        layersAtOnce = (layers + positions - 1) / positions
    }

    /// The turns for the checks of sums: six positions.
    static func sums(layers: Int) -> LayerTurns { LayerTurns(layers: layers, positions: 6) }
    /// The turns for the range of clean texts, whose transforms are too much to read for every token: ten positions.
    static func range(layers: Int) -> LayerTurns { LayerTurns(layers: layers, positions: 10) }

    /// The layers to look at at a position.
    ///
    /// - Parameter first: the first position that is watched.
    func layers(at position: Int, first: Int) -> [Int] {
        if position < first { return [] }
        if position == first { return Array(0..<layers) }
        let start = (position - first - 1) * layersAtOnce
        return (0..<layersAtOnce).map { (start + $0) % layers }
    }
}
