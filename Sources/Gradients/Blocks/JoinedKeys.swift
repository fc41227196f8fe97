import TensorCore
import Transformer

/// The keys and values of a text and its past, joined.
struct JoinedKeys {
    /// [positions, K, D], as attention takes them, the past first.
    let key = FloatBuffer()
    let value = FloatBuffer()

    /// Nil for a text without a past.
    init?(_ segment: PassSegment, past: GradientPast?, _ layer: Int, _ groups: HeadGroups, _ buffers: PassBuffers) {
        guard let past else { return nil }
        let rows = segment.rows.count
        let kvWidth = groups.kvHeads * groups.headSize
        let row = groups.kvOffset(row: segment.rows.lowerBound, kvHead: 0)
        for (buffer, before, own) in [
            (key, past.keys[layer], buffers.key), (value, past.values[layer], buffers.value),
        ] {
            let start = buffer.reserve((past.count + rows) * kvWidth)
            before.elements.withUnsafeBufferPointer { elements in
                guard let elements = elements.baseAddress else { return }
                start.update(from: elements, count: past.count * kvWidth)
            }
            (start + past.count * kvWidth).update(from: own + row, count: rows * kvWidth)
        }
    }
}
