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
    /// Cosines and sines, for each rotary embedding of the model.
    private var angleBuffers: [(cosines: FloatBuffer, sines: FloatBuffer)] = []
    let logits = FloatBuffer()
    /// What a router says of each row's experts.
    package let router = FloatBuffer()
    package let expertChoices = ExpertChoices()
    /// The rows of one expert, and what it makes of them.
    package let expertInput = FloatBuffer()
    package let expertOutput = FloatBuffer()
    /// Attention scores and weights, one buffer for each worker.
    let scores: [FloatBuffer]
    /// Other scratch memory, one buffer for each worker.
    let scratch: [FloatBuffer]
    /// What rows have seen in chunks of their past.
    let parts = FloatBuffer()

    init(workers: Int) {
        scores = (0..<workers).map { _ in FloatBuffer() }
        scratch = (0..<workers).map { _ in FloatBuffer() }
    }

    /// The rows that go through the model together at most: ``Run/maximumRows``, or a part of it that keeps the buffers of
    /// wide models at 64 MB. Values don't depend on it.
    static func mostRows(_ c: ModelConfiguration) -> Int {
        let floats = rowBuffers(c).reduce(0) { $0 + $1.floats }
        var rows = Run.maximumRows
        while rows > 64, rows * floats * MemoryLayout<Float>.size > 64 << 20 { rows /= 2 }
        return rows
    }

    /// Makes room for a number of rows; contents are lost.
    package func reserve(rows: Int, _ c: ModelConfiguration) {
        for (buffer, floats) in Self.rowBuffers(c) { self[keyPath: buffer].reserve(rows * floats) }
    }

    /// The buffers that hold something of every row of a pass, and how much of each row.
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
    /// What attention or MLP add to the residual stream, [R, M]
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

    /// Room for what an MLP adds while `projected` has what attention adds, [R, M].
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

    /// Addresses of the cosines and sines of one rotary embedding, [R, half] each.
    package struct Angles {
        package let cosines: UnsafeMutablePointer<Float>
        package let sines: UnsafeMutablePointer<Float>
    }
}
