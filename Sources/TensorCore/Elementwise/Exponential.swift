/// eˣ for eight values at once, to within 2 units in the last place of float32.
///
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2, and e^r by a polynomial of degree 6 (Cody & Waite 1980 for the reduction in two
/// steps; coefficients as in the Cephes library). Below −87.3 the result is 0, above 88.7 it is infinite. Only
/// operations that every processor rounds alike are used, so the result doesn't depend on the machine.
@inline(__always)
func exponential(_ x: SIMD8<Float>) -> SIMD8<Float> {
    let low = SIMD8<Float>(repeating: -87.33654)
    let high = SIMD8<Float>(repeating: 88.72283)
    var clamped = x
    clamped.replace(with: low, where: x .< low)
    clamped.replace(with: high, where: x .> high)
    // Adding 1.5·2²³ rounds to the nearest whole number, which then stands in the lowest bits.
    let shift: Float = 12_582_912
    let shifted = clamped * 1.442_695_040_888_963_4 + shift
    let n = shifted - shift
    let r = (clamped - n * 0.693_359_375) - n * -2.121_944_400_546_905_8e-4
    var p = r * 1.987_569_150_0e-4 + 1.398_199_950_7e-3
    p = p * r + 8.333_451_907_3e-3
    p = p * r + 4.166_579_589_4e-2
    p = p * r + 1.666_666_545_9e-1
    p = p * r + 5.000_000_120_1e-1
    let mantissa = (p * (r * r) + r) + 1
    // 2ⁿ in two factors, so that n = 128 and the subnormal end stay within range.
    let exponent =
        unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- SIMD8(repeating: Int32(bitPattern: shift.bitPattern))
    let half = exponent &>> SIMD8(repeating: 1)
    let first = SIMD8<Float>(bitPattern: (half &+ 127) &<< SIMD8(repeating: 23))
    let second = SIMD8<Float>(bitPattern: (exponent &- half &+ 127) &<< SIMD8(repeating: 23))
    var result = mantissa * first * second
    result.replace(with: 0, where: x .< low)
    result.replace(with: .infinity, where: x .> high)
    result.replace(with: x, where: x .!= x)
    return result
}

extension SIMD8 where Scalar == Float {
    /// Reinterprets 32-bit patterns as float32 values.
    @inline(__always)
    init(bitPattern: SIMD8<Int32>) {
        self = unsafeBitCast(bitPattern, to: SIMD8<Float>.self)
    }
}
