import COpenBLAS

/// Products of row-major float32 matrices through OpenBLAS.
///
/// OpenBLAS runs each call on the calling thread: this package splits the work itself (``WorkerPool``), which gives the
/// same bits for any number of threads. Its thread setting is global to the process; it is set once, at the first
/// product, and a program that embeds this package and uses OpenBLAS for its own work can set it back with
/// `openblas_set_num_threads`.
public enum BLAS {
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// OpenBLAS's own description of its build and of the processor core it chose, for the record of a run.
    public static var configuration: String {
        String(cString: openblas_get_config()) + " core " + String(cString: openblas_get_corename())
    }

    /// C ← α · A · Bᵀ + β · C.
    ///
    /// A is [m, k] with rows `strideA` apart, B is [n, k] with rows `strideB` apart, C is [m, n] with rows `strideC`
    /// apart. 2·m·n·k floating-point operations.
    @inline(__always)
    public static func multiplyTransposed(
        m: Int, n: Int, k: Int, alpha: Float = 1,
        _ a: UnsafePointer<Float>, strideA: Int,
        _ b: UnsafePointer<Float>, strideB: Int,
        beta: Float = 0, into c: UnsafeMutablePointer<Float>, strideC: Int
    ) {
        guard m > 0, n > 0 else { return }
        _ = singleThreaded
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(m), blasint(n), blasint(k), alpha, a, blasint(strideA),
            b, blasint(strideB), beta, c, blasint(strideC))
    }

    /// C ← α · A · B + β · C.
    ///
    /// A is [m, k] with rows `strideA` apart, B is [k, n] with rows `strideB` apart, C is [m, n] with rows `strideC`
    /// apart. 2·m·n·k floating-point operations.
    @inline(__always)
    public static func multiply(
        m: Int, n: Int, k: Int, alpha: Float = 1,
        _ a: UnsafePointer<Float>, strideA: Int,
        _ b: UnsafePointer<Float>, strideB: Int,
        beta: Float = 0, into c: UnsafeMutablePointer<Float>, strideC: Int
    ) {
        guard m > 0, n > 0 else { return }
        _ = singleThreaded
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(m), blasint(n), blasint(k), alpha, a,
            blasint(strideA), b, blasint(strideB), beta, c, blasint(strideC))
    }
}
