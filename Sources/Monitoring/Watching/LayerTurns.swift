import Transformer

/// Which layers are looked at at which positions: all of them at the first watched one, then some at each, in turn, so that
/// every layer's turn comes within a few tokens, and a token costs a small part of what all layers would.
struct LayerTurns: Sendable {
    let layers: Int
    /// The layers that are looked at at one position.
    let layersAtOnce: Int

    /// - Parameter positions: after how many positions each layer has had its turn.
    init(layers: Int, positions: Int) {
        self.layers = layers
        layersAtOnce = (layers + positions - 1) / positions
    }

    /// For the sums: six positions.
    static func sums(layers: Int) -> LayerTurns { LayerTurns(layers: layers, positions: 6) }
    /// For the range of clean texts, whose transforms are too much to read for every token: ten positions.
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
