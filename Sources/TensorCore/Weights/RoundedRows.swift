import CWeightKernels

/// Rows of activations rounded to whole numbers times a scale, in groups of 32 values.
///
/// One plane holds 8 bits of each number, and three planes 24: as many as float32 has, for the largest value of a
/// group.
final class RoundedRows {
    /// The number of rows that one task rounds.
    private static let rowsOfTask = 16

    private let codes = FloatBuffer()
    private let groups = FloatBuffer()
    private var planes = 1

    /// The number of planes for a precision.
    static func planes(_ precision: Precision) -> Int { precision == .exact ? 3 : 1 }

    /// Rounds X, [rows, columns] with rows `stride` apart; `columns` must be a multiple of 32.
    func round(_ x: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int, planes: Int, pool: WorkerPool) {
        self.planes = planes
        codes.reserve((rows &* columns &* planes &+ 3) / 4)
        groups.reserve(rows &* columns / 32 &* MemoryLayout<headsteer_group>.stride / MemoryLayout<Float>.stride)
        pool.run((rows &+ Self.rowsOfTask &- 1) / Self.rowsOfTask) { task, _ in
            for row in (task &* Self.rowsOfTask)..<Swift.min((task &+ 1) &* Self.rowsOfTask, rows) {
                headsteer_round(
                    x + row &* stride, columns, Int32(planes), codeAddress + row &* columns &* planes,
                    groupAddress + row &* columns / 32)
            }
        }
    }

    private var codeAddress: UnsafeMutablePointer<Int8> {
        UnsafeMutableRawPointer(codes.pointer).assumingMemoryBound(to: Int8.self)
    }

    private var groupAddress: UnsafeMutablePointer<headsteer_group> {
        UnsafeMutableRawPointer(groups.pointer).assumingMemoryBound(to: headsteer_group.self)
    }

    /// The rows in the form that the kernels take.
    var vectors: headsteer_rounded {
        headsteer_rounded(codes: codeAddress, groups: groupAddress, planes: Int32(planes))
    }
}
