import CWeightKernels
import DataFiles

extension WeightFormat {
    /// Rounds a row of n float32 values to this format, F32 or F16: to nearest, ties to even.
    ///
    /// - Precondition: the format is F32 or F16.
    public func round(_ x: UnsafePointer<Float>, count n: Int, into row: UnsafeMutableRawPointer) {
        switch self {
        case .f32: row.copyMemory(from: x, byteCount: n &* 4)
        case .f16: headsteer_pack_half(x, n, row.assumingMemoryBound(to: UInt16.self))
        default: preconditionFailure("Values can't be rounded to \(name).")
        }
    }
}
