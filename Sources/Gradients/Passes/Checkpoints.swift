import TensorCore
import Transformer

/// The values of each block that a forward pass keeps for the backward pass; the rest is recomputed block by block.
///
/// They are the residual stream before the block and between its parts, and a projection's output if a norm follows it.
final class Checkpoints {
    private let places: [SiteKind: FloatBuffer]
    private let layers, width: Int
    private var rowsTimesWidth = 0

    init(_ configuration: ModelConfiguration) {
        (layers, width) = (configuration.layers, configuration.width)
        var places: [SiteKind: FloatBuffer] = [:]
        for kind in [SiteKind.residualPre, .residualMid, .attentionOut, .mlpOut] {
            let isNeeded = configuration.blocks.contains { block in
                switch kind {
                case .residualMid: block.residual == .sequential
                case .attentionOut: block.norms.contains(.afterAttention)
                case .mlpOut: block.norms.contains(.afterMLP)
                default: true
                }
            }
            if isNeeded { places[kind] = FloatBuffer() }
        }
        self.places = places
    }

    /// Makes room for R rows: 4 · L · R · M bytes for each of up to four sites.
    func reserve(rows: Int) {
        rowsTimesWidth = rows * width
        for place in places.values { place.reserve(layers * rowsTimesWidth) }
    }

    /// Keeps [R, M], if it is needed.
    func keep(_ kind: SiteKind, _ layer: Int, _ values: UnsafePointer<Float>) {
        guard let place = places[kind] else { return }
        (place.pointer + layer * rowsTimesWidth).update(from: values, count: rowsTimesWidth)
    }

    /// The kept values, [R, M]; nil if they weren't needed.
    subscript(kind: SiteKind, layer: Int) -> UnsafePointer<Float>? {
        places[kind].map { UnsafePointer($0.pointer + layer * rowsTimesWidth) }
    }
}
