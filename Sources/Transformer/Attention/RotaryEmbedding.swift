import Foundation
import TensorCore

/// The rotary position embedding (Su et al. 2021, arXiv 2104.09864) in Hugging Face's form: value i of a head's first
/// half and value i of its second half are rotated together by the angle position · frequency(i).
///
/// Frequencies and angles are computed in float32, as transformers does, so that long contexts agree with it.
struct RotaryEmbedding: Sendable {
    /// D / 2 frequencies, in radians for each position.
    let frequencies: [Float]

    /// - Parameter scaling: with `.divisors`, D / 2 of them.
    init(headSize: Int, base: Double, scaling: RopeScaling) {
        let half = headSize / 2
        var frequencies = (0..<half).map { i in 1 / Float(pow(base, Double(2 * i) / Double(headSize))) }
        switch scaling {
        case .none: break
        case .linear(let factor): frequencies = frequencies.map { $0 / Float(factor) }
        case .llama3(let factor, let low, let high, let originalContext):
            frequencies = frequencies.map {
                Float(Self.llama3(Double($0), factor: factor, low: low, high: high, originalContext: originalContext))
            }
        case .divisors(let divisors):
            precondition(divisors.count == half, "A head of \(headSize) values has \(half) frequencies.")
            frequencies = zip(frequencies, divisors).map { $0 / $1 }
        }
        self.frequencies = frequencies
    }

    /// Llama 3.1's scaling of one frequency: wavelengths above originalContext / low are divided by the factor, those
    /// below originalContext / high are kept, those between are blended linearly in 1 / wavelength.
    private static func llama3(
        _ frequency: Double, factor: Double, low: Double, high: Double, originalContext: Double
    ) -> Double {
        let wavelength = 2 * Double.pi / frequency
        if wavelength > originalContext / low { return frequency / factor }
        if wavelength < originalContext / high { return frequency }
        let blend = (originalContext / wavelength - low) / (high - low)
        return (1 - blend) * frequency / factor + blend * frequency
    }

    /// Writes the cosines and sines of one position's angles, D / 2 each.
    func fill(position: Int, cosines: UnsafeMutablePointer<Float>, sines: UnsafeMutablePointer<Float>) {
        for (i, frequency) in frequencies.enumerated() {
            let angle = Double(Float(position) * frequency)
            cosines[i] = Float(cos(angle))
            sines[i] = Float(sin(angle))
        }
    }

    /// Rotates one head's values in place.
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
