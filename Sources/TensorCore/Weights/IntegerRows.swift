import CWeightKernels

/// Rows of activations rounded to 8-bit integers, in groups of 32 values with a scale each.
final class IntegerRows {
    /// Rows that one task rounds.
    private static let rowsOfTask = 16

    private let codes = FloatBuffer()
    private let scales = FloatBuffer()
    private let sums = FloatBuffer()

    /// Rounds X, [rows, columns] with rows `stride` apart; `columns` is a multiple of 32.
    func round(_ x: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int, pool: WorkerPool) {
        codes.reserve((rows &* columns &+ 3) / 4)
        scales.reserve(rows &* columns / 32)
        sums.reserve(rows &* columns / 32)
        pool.run((rows &+ Self.rowsOfTask &- 1) / Self.rowsOfTask) { task, _ in
            for row in (task &* Self.rowsOfTask)..<Swift.min((task &+ 1) &* Self.rowsOfTask, rows) {
                let groups = row &* columns / 32
                headsteer_quantise(
                    x + row &* stride, columns, codeAddress + row &* columns, scales.pointer + groups,
                    sums.pointer + groups)
            }
        }
    }

    private var codeAddress: UnsafeMutablePointer<Int8> {
        UnsafeMutableRawPointer(codes.pointer).assumingMemoryBound(to: Int8.self)
    }

    /// The rows as the kernels take them.
    var vectors: headsteer_int8_vectors {
        headsteer_int8_vectors(codes: codeAddress, scales: scales.pointer, sums: sums.pointer)
    }
}
