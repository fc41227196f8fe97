import TensorCore

/// The memory of a pass, kept from one pass to the next.
package final class PassBuffers {
    private let residualBuffer = FloatBuffer()
    private let normalizedBuffer = FloatBuffer()
    private let projectedBuffer = FloatBuffer()
    private let queryBuffer = FloatBuffer()
    private let keyBuffer = FloatBuffer()
    private let valueBuffer = FloatBuffer()
    private let zBuffer = FloatBuffer()
    private let gateBuffer = FloatBuffer()
    private let upBuffer = FloatBuffer()
    private let projectedMLPBuffer = FloatBuffer()
    /// The cosines and sines of each of the model's rotary embeddings.
    private var angleBuffers: [(cosines: FloatBuffer, sines: FloatBuffer)] = []
    let logits = FloatBuffer()
    /// The router's scores of the experts, for each row.
    package let router = FloatBuffer()
    package let expertChoices = ExpertChoices()
    /// The rows of one expert; `expertOutput` holds its results.
    package let expertInput = FloatBuffer()
    package let expertOutput = FloatBuffer()
    /// Attention scores and weights, one buffer per worker.
    let scores: [FloatBuffer]
    /// Other scratch memory, one buffer per worker.
    let scratch: [FloatBuffer]
    /// The attention results of rows for single chunks of their past.
    let parts = FloatBuffer()

    init(workers: Int) {
        scores = (0..<workers).map { _ in FloatBuffer() }
        scratch = (0..<workers).map { _ in FloatBuffer() }
    }

    /// The most rows that go through the model together: ``Run/maximumRows``, or fewer if the buffers of a wide model
    /// would take more than 64 MB.
    ///
    /// Values don't depend on it.
    static func mostRows(_ c: ModelConfiguration) -> Int {
        let floats = rowBuffers(c).reduce(0) { $0 + $1.floats }
        var rows = Run.maximumRows
        while rows > 64, rows * floats * MemoryLayout<Float>.size > 64 << 20 { rows /= 2 }
        return rows
    }

    /// Makes room for a number of rows; the contents are lost.
    package func reserve(rows: Int, _ c: ModelConfiguration) {
        for (buffer, floats) in Self.rowBuffers(c) { self[keyPath: buffer].reserve(rows * floats) }
    }

    /// The buffers that hold values for every row of a pass, and the number of values per row.
    private static func rowBuffers(_ c: ModelConfiguration) -> [(
        buffer: KeyPath<PassBuffers, FloatBuffer>, floats: Int
    )] {
        let (queries, keys) = (c.heads * c.headSize, c.kvHeads * c.headSize)
        return [
            (\.residualBuffer, c.width), (\.normalizedBuffer, c.width), (\.projectedBuffer, c.width),
            (\.queryBuffer, queries), (\.keyBuffer, keys), (\.valueBuffer, keys), (\.zBuffer, queries),
            (\.gateBuffer, c.feedForward), (\.upBuffer, c.feedForward),
        ]
    }

    /// [R, M]
    package var residual: UnsafeMutablePointer<Float> { residualBuffer.pointer }
    /// [R, M]
    package var normalized: UnsafeMutablePointer<Float> { normalizedBuffer.pointer }
    /// The output that attention or the MLP adds to the residual stream, [R, M].
    package var projected: UnsafeMutablePointer<Float> { projectedBuffer.pointer }
    /// [R, H, D]
    package var query: UnsafeMutablePointer<Float> { queryBuffer.pointer }
    /// [R, K, D]
    package var key: UnsafeMutablePointer<Float> { keyBuffer.pointer }
    /// [R, K, D]
    package var value: UnsafeMutablePointer<Float> { valueBuffer.pointer }
    /// [R, H, D]
    package var z: UnsafeMutablePointer<Float> { zBuffer.pointer }
    /// [R, F]
    package var gate: UnsafeMutablePointer<Float> { gateBuffer.pointer }
    /// [R, F]
    package var up: UnsafeMutablePointer<Float> { upBuffer.pointer }

    /// Room for what an MLP adds while `projected` holds what attention adds, [R, M].
    func reserveProjectedMLP(_ count: Int) -> UnsafeMutablePointer<Float> { projectedMLPBuffer.reserve(count) }

    /// Room for the cosines and sines of a rotary embedding, [R, half] each.
    func reserveAngles(_ index: Int, count: Int) -> Angles {
        while angleBuffers.count <= index { angleBuffers.append((FloatBuffer(), FloatBuffer())) }
        angleBuffers[index].cosines.reserve(count)
        angleBuffers[index].sines.reserve(count)
        return angles(index)
    }

    package func angles(_ index: Int) -> Angles {
        Angles(cosines: angleBuffers[index].cosines.pointer, sines: angleBuffers[index].sines.pointer)
    }

    /// The addresses of the cosines and sines of one rotary embedding, [R, half] each.
    package struct Angles {
        package let cosines: UnsafeMutablePointer<Float>
        package let sines: UnsafeMutablePointer<Float>
    }
}
