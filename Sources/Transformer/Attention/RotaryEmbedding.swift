import DataFiles
import Foundation
import TensorCore

/// The rotary position embedding (Su et al. 2021, arXiv 2104.09864) in Hugging Face's form: value i of the first half
/// of a head's rotated values and value i of their second half are rotated together by the angle position ·
/// frequency(i).
///
/// Frequencies and angles are computed in float32, as in transformers, so that long contexts agree with it.
package struct RotaryEmbedding: Sendable {
    /// The number of pairs that are rotated: half the number of rotated values.
    package let half: Int
    /// The frequencies in radians per position, [half].
    private let frequencies: [Float]
    /// The frequencies of longer texts, if they differ, and the length of the longest text with the usual ones.
    private let longFrequencies: (values: [Float], above: Int)?
    /// The number that cosines and sines are multiplied by.
    private let magnitude: Float

    init(_ description: RotaryDescription) {
        let half = description.size / 2
        self.half = half
        let base = (0..<half).map { i in 1 / Float(pow(description.base, Double(2 * i) / Double(description.size))) }
        var long: (values: [Float], above: Int)?
        var magnitude = 1.0
        switch description.scaling {
        case .none: frequencies = base
        case .linear(let factor): frequencies = base.map { $0 / Float(factor) }
        case .llama3(let factor, let low, let high, let originalContext):
            frequencies = base.map {
                Float(Self.llama3(Double($0), factor: factor, low: low, high: high, originalContext: originalContext))
            }
        case .divisors(let divisors): frequencies = Self.divided(base, by: divisors)
        case .yarn(let scaling):
            frequencies = Self.yarn(base, scaling, base: description.base)
            magnitude = scaling.magnitude
        case .longRope(let scaling):
            frequencies = Self.divided(base, by: scaling.short)
            long = (Self.divided(base, by: scaling.long), scaling.originalContext)
            magnitude = scaling.magnitude
        }
        longFrequencies = long
        self.magnitude = Float(magnitude)
    }

    private static func divided(_ frequencies: [Float], by divisors: [Float]) -> [Float] {
        precondition(
            divisors.count == frequencies.count,
            "\(frequencies.count) frequencies need as many divisors, not \(divisors.count).")
        return zip(frequencies, divisors).map { $0 / $1 }
    }

    /// Llama 3.1's scaling of one frequency: frequencies of wavelengths above originalContext / low are divided by the
    /// factor, those of wavelengths below originalContext / high are kept, and those between are blended linearly in
    /// 1 / wavelength.
    private static func llama3(
        _ frequency: Double, factor: Double, low: Double, high: Double, originalContext: Double
    ) -> Double {
        let wavelength = 2 * Double.pi / frequency
        if wavelength > originalContext / low { return frequency / factor }
        if wavelength < originalContext / high { return frequency }
        let blend = (originalContext / wavelength - low) / (high - low)
        return (1 - blend) * frequency / factor + blend * frequency
    }

    /// YaRN's ramp over the index of the frequency: frequencies with an index below its start, the high ones, are kept,
    /// and those with an index above its end are divided by the factor.
    private static func yarn(_ frequencies: [Float], _ scaling: YarnScaling, base: Double) -> [Float] {
        let size = Double(2 * frequencies.count)
        /// The index of the frequency that makes this many rotations within the original context.
        func index(rotations: Double) -> Double {
            size * log(scaling.originalContext / (rotations * 2 * .pi)) / (2 * log(base))
        }
        var low = index(rotations: scaling.fastRotations)
        var high = index(rotations: scaling.slowRotations)
        if scaling.roundsEnds { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        low = max(low, 0)
        high = min(high, size - 1)
        // As in the paper's code, to avoid a division by zero.
        if low == high { high += 0.001 }
        return frequencies.enumerated().map { i, frequency in
            let share = Float(min(max((Double(i) - low) / (high - low), 0), 1))
            return frequency / Float(scaling.factor) * share + frequency * (1 - share)
        }
    }

    /// Writes the cosines and sines of one position's angles, [half] each.
    ///
    /// - Parameter promptCount: the length of the text's prompt, which decides between the frequencies of short and
    ///   long texts.
    func fill(
        position: Int, promptCount: Int, cosines: UnsafeMutablePointer<Float>, sines: UnsafeMutablePointer<Float>
    ) {
        let frequencies =
            longFrequencies.map { promptCount > $0.above ? $0.values : self.frequencies } ?? self.frequencies
        for (i, frequency) in frequencies.enumerated() {
            let angle = Double(Float(position) * frequency)
            cosines[i] = Float(cos(angle)) * magnitude
            sines[i] = Float(sin(angle)) * magnitude
        }
    }

    /// Rotates the first 2 · half of one head's values, in place.
    @inline(__always)
    static func rotate(
        _ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, half: Int
    ) {
        for i in 0..<half {
            let a = x[i]
            let b = x[half &+ i]
            x[i] = a * cosines[i] - b * sines[i]
            x[half &+ i] = b * cosines[i] + a * sines[i]
        }
    }
}
