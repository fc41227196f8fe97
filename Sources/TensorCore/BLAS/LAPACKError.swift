import COpenBLAS

/// The failure of a LAPACK routine.
public struct LAPACKError: Error, Equatable, CustomStringConvertible {
    /// The routine's name, such as `dsyevr`.
    public let routine: String
    /// The routine's return value: −i for a fault of its i-th argument, a positive number for a failure of the
    /// algorithm, or LAPACKE's own codes for a lack of memory.
    public let info: Int

    init(_ routine: String, info: Int) {
        self.routine = routine
        self.info = info
    }

    /// The meaning of `info`, in words.
    public var meaning: String {
        switch info {
        case Int(LAPACK_WORK_MEMORY_ERROR), Int(LAPACK_TRANSPOSE_MEMORY_ERROR): "no memory was left to work in"
        case ..<0: "argument \(-info) has a value that is NaN, infinite or not allowed"
        default: "the algorithm did not converge"
        }
    }

    public var description: String { "LAPACK's \(routine) failed: \(meaning) (info \(info))" }
}
