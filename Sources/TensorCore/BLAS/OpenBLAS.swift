import COpenBLAS
import DataFiles

/// Setup and conversions shared by every call to OpenBLAS and LAPACKE.
///
/// OpenBLAS runs each call on the calling thread: this package splits work itself (``WorkerPool``), which gives the
/// same bits for any number of threads. OpenBLAS's thread setting is global to the process. It is set once, at the
/// first call. A program that embeds this package and uses OpenBLAS for its own work can set it back with
/// `openblas_set_num_threads`.
enum OpenBLAS {
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// Must be called before every call to the libraries.
    static func prepare() { _ = singleThreaded }

    /// A dimension in the libraries' integer type, 32 bits wide in most builds.
    static func dimension<Integer: FixedWidthInteger>(_ value: Int) -> Integer {
        guard value >= 0, let converted = Integer(exactly: value) else {
            preconditionFailure("A matrix has a dimension that OpenBLAS's integers cannot hold.")
        }
        return converted
    }

    /// One of LAPACK's options, which are single letters.
    static func letter(_ letter: Unicode.Scalar) -> CChar { CChar(truncatingIfNeeded: letter.value) }
}

/// LAPACKE's `lapack_int`, a macro that Swift doesn't import: 32 bits in the builds that are named `lapacke`.
///
/// With another build, the calls don't compile.
typealias LAPACKInteger = Int32
