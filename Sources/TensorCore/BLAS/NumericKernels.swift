import COpenBLAS
import CWeightKernels

/// The instruction sets that sums are computed with; they affect the last bits of sums of float32 numbers.
public enum NumericKernels {
    /// The instruction sets of our kernels and of OpenBLAS, such as `avx512vnni, OpenBLAS SkylakeX`.
    public static var names: String {
        let own = String(cString: headsteer_instruction_set())
        guard let core = openblas_get_corename() else { return own }
        return "\(own), OpenBLAS \(String(cString: core))"
    }
}
