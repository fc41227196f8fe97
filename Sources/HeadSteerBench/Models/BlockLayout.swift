import DataFiles
import TensorCore

/// The positions of the numbers that scale a block; see `WeightFormat` for the complete layouts.
enum BlockLayout: Sendable {
    /// The weights are floats themselves.
    case floats(FloatKind)
    /// A half-precision scale at an offset, and for some formats a half-precision minimum.
    case scaled(offset: Int, minimum: Minimum?)
    /// A half-precision scale in the upper quarters of four 16-bit words from an offset on, with its lowest bits first.
    case quarters(offset: Int)
    /// A scale that is a power of two, stored as a byte at an offset: the exponent plus 128.
    case exponent(offset: Int)

    /// The number by which a block's weights are shifted.
    struct Minimum: Sendable {
        var offset: Int
        /// The minimum, as a multiple of the scale, that gives a mean of 0.
        var ratio: Double
    }

    /// The layout of a float's bits.
    struct FloatKind: Sendable {
        var bytes: Int
        var fractionBits: Int
        var exponentBits: Int
    }

    init(_ format: WeightFormat) {
        switch format {
        case .f32: self = .floats(FloatKind(bytes: 4, fractionBits: 23, exponentBits: 8))
        case .f16: self = .floats(FloatKind(bytes: 2, fractionBits: 10, exponentBits: 5))
        case .bf16: self = .floats(FloatKind(bytes: 2, fractionBits: 7, exponentBits: 8))
        case .q4_0, .q5_0, .q8_0, .iq4_NL, .iq4_XS, .iq2_XXS, .iq2_XS, .iq2_S, .iq3_XXS, .iq3_S, .iq1_S:
            self = .scaled(offset: 0, minimum: nil)
        // The integers have a mean of 7.5 or 15.5.
        case .q4_1: self = .scaled(offset: 0, minimum: Minimum(offset: 2, ratio: -7.5))
        case .q5_1: self = .scaled(offset: 0, minimum: Minimum(offset: 2, ratio: -15.5))
        // Minima have the same distribution as scales, and are subtracted.
        case .q2_K: self = .scaled(offset: 80, minimum: Minimum(offset: 82, ratio: 1.5))
        case .q4_K: self = .scaled(offset: 0, minimum: Minimum(offset: 2, ratio: 7.5))
        case .q5_K: self = .scaled(offset: 0, minimum: Minimum(offset: 2, ratio: 15.5))
        case .q3_K: self = .scaled(offset: 108, minimum: nil)
        case .q6_K: self = .scaled(offset: 208, minimum: nil)
        case .tq1_0: self = .scaled(offset: 52, minimum: nil)
        case .tq2_0: self = .scaled(offset: 64, minimum: nil)
        case .iq1_M: self = .quarters(offset: 48)
        case .mxfp4: self = .exponent(offset: 0)
        }
    }
}

extension BlockLayout.FloatKind {
    /// Keeps the sign and fraction of every number and sets its exponent to that of the power of two closest in ratio
    /// to `scale`.
    func setExponents(of bytes: UnsafeMutableRawBufferPointer, to scale: Double) {
        let bias = 1 << (exponentBits - 1) - 1
        let biased = min(max(Int((scale * 2.0.squareRoot()).exponent) + bias, 1), 1 << exponentBits - 2)
        let mask = UInt32(1 << exponentBits - 1) << UInt32(fractionBits)
        let exponent = UInt32(biased) << UInt32(fractionBits)
        for offset in stride(from: 0, to: bytes.count, by: self.bytes) {
            if self.bytes == 4 {
                let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                bytes.storeBytes(of: (bits & ~mask | exponent).littleEndian, toByteOffset: offset, as: UInt32.self)
            } else {
                let bits = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
                let new = bits & ~UInt16(mask) | UInt16(exponent)
                bytes.storeBytes(of: new.littleEndian, toByteOffset: offset, as: UInt16.self)
            }
        }
    }
}

/// Half-precision numbers of normal and subnormal size, as bits, because Swift's `Float16` doesn't exist on every
/// platform.
enum Binary16 {
    /// The bits of the half-precision number closest to a number from −65504 to 65504, with ties away from zero.
    static func bits(nearest value: Double) -> UInt16 {
        precondition(abs(value) <= 65504, "\(value) is no half-precision number.")
        let sign: UInt16 = value < 0 ? 0x8000 : 0
        let magnitude = abs(value)
        // Subnormal numbers are multiples of 2⁻²⁴; a fraction that rounds up to 1024 carries into the exponent.
        if magnitude < 0x1p-14 { return sign | UInt16((magnitude * 0x1p24).rounded()) }
        let exponent = UInt16(Int(magnitude.exponent) + 15)
        return sign | (exponent << 10 + UInt16(((magnitude.significand - 1) * 1024).rounded()))
    }

    /// The number with the given bits, which must not be infinite or NaN.
    static func value(_ bits: UInt16) -> Double { Double(HalfPrecision.float(fromBinary16: bits)) }
}
