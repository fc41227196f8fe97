import Foundation

/// Random numbers fixed by a seed: the same on every platform and with every version of the standard library.
///
/// xoshiro256** (Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021), with its state filled from
/// the seed by SplitMix64 (Steele, Lea & Flood, 2014). Not for cryptography. Derived draws (`uniform`, `integer`,
/// `shuffle`, …) are defined here; those of the standard library (`Double.random(in:using:)`, `shuffled(using:)`) work
/// too, but may change with it.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// - Parameters:
    ///   - seed: any number.
    ///   - stream: tells apart generators with the same seed whose numbers must not depend on the order in which they
    ///     are made, such as one for each head.
    public init(seed: UInt64, stream: UInt64 = 0) {
        var mixer = SplitMix64(state: seed)
        if stream != 0 { mixer.state = mixer.next() ^ stream }
        state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = ((product << 7) | (product >> 57)) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = (state.3 << 45) | (state.3 >> 19)
        return result
    }

    /// A number from 0 up to but not including 1: a multiple of 2⁻⁵³.
    public mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A whole number from 0 up to but not including `bound`, each with the same probability (Lemire, 2019).
    ///
    /// - Precondition: the bound is positive.
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "A random integer needs a positive bound.")
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// A number from the normal distribution of mean 0 and standard deviation 1 (Box & Muller, 1958).
    public mutating func gaussian() -> Double {
        // 1 − uniform is never 0.
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    /// Puts the elements in a random order, each with the same probability (Fisher & Yates).
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, integer(below: last + 1))
        }
    }
}

/// Fills the state of the larger generator: consecutive seeds give unrelated states.
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
