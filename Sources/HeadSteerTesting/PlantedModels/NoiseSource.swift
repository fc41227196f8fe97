import DataFiles

/// Seeded noise with the same bits on every platform.
///
/// Deviates are sums of integers, computed without any function of the mathematical library, and weights are multiples
/// of a power of two.
struct NoiseSource {
    private var generator: SeededGenerator

    /// Creates one stream for each purpose, so that a change in one part of the model leaves the noise of the others
    /// unchanged.
    init(seed: UInt64, stream: UInt64) {
        generator = SeededGenerator(seed: seed, stream: stream)
    }

    /// A nearly normal deviate with mean 0 and standard deviation 1: the sum of twelve uniform deviates.
    mutating func normal() -> Double {
        var sum = -6 * 65535
        for _ in 0..<3 {
            let bits = generator.next()
            for shift in stride(from: 0, to: 64, by: 16) { sum += Int((bits >> UInt64(shift)) & 0xFFFF) }
        }
        return Double(sum) / 65536
    }

    /// A weight with this standard deviation: a multiple of 1/1024 below 2 in magnitude, which is exact in half
    /// precision.
    mutating func weight(deviation: Double) -> Float {
        let steps = (normal() * deviation * 1024).rounded(.toNearestOrEven)
        return Float(min(max(steps, -2047), 2047)) / 1024
    }

    /// 1 or -1.
    mutating func sign() -> Float { generator.next() >> 63 == 0 ? 1 : -1 }
}
