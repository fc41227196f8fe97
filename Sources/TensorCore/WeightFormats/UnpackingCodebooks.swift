import CWeightKernels
import DataFiles

/// The reference for the formats with codebooks; see ``WeightFormat/unpack(_:into:)``.
extension WeightFormat {
    /// Weight `i` of a block.
    func codebookWeight(_ i: Int, of block: BlockBytes) -> Float {
        switch self {
        case .iq2_XXS: weightIQ2XXS(i, of: block)
        case .iq2_XS: weightIQ2XS(i, of: block)
        case .iq2_S: weightIQ2S(i, of: block)
        case .iq3_XXS: weightIQ3XXS(i, of: block)
        case .iq3_S: weightIQ3S(i, of: block)
        case .iq1_S: weightIQ1S(i, of: block)
        case .iq1_M: weightIQ1M(i, of: block)
        default: preconditionFailure("\(name) has no codebook.")
        }
    }

    /// Number `j` of an entry of this format's codebook.
    private func number(_ j: Int, ofEntry index: Int) -> Float {
        guard let book = headsteer_codebook(Int32(rawValue)) else { preconditionFailure("\(name) has no codebook.") }
        let entry = Int(book[index])
        switch self {
        case .iq3_XXS: return [4, 12, 20, 28, 36, 44, 52, 62][entry >> (3 * j) & 7]
        case .iq3_S: return [1, 3, 5, 7, 9, 11, 13, 15][entry >> (3 * j) & 7]
        case .iq1_S, .iq1_M: return [-1, 0, 1][entry >> (2 * j) & 3]
        default: return [8, 25, 43][entry >> (2 * j) & 3]
        }
    }

    /// The value with sign `j` of eight; the eighth sign makes the number of minus signs even.
    private func signed(_ value: Float, _ j: Int, ofSevenBits bits: Int) -> Float {
        let isMinus = j < 7 ? bits >> j & 1 == 1 : (bits & 127).nonzeroBitCount % 2 == 1
        return isMinus ? -value : value
    }

    private func weightIQ2XXS(_ i: Int, of block: BlockBytes) -> Float {
        let start = 2 + i / 32 * 8
        let word = block.uint32(start + 4)
        let scale = block.half(0) * (0.5 + Float(word >> 28)) * 0.25
        let value = scale * number(i % 8, ofEntry: block.byte(start + i % 32 / 8))
        return signed(value, i % 8, ofSevenBits: word >> (i % 32 / 8 * 7))
    }

    private func weightIQ2XS(_ i: Int, of block: BlockBytes) -> Float {
        let bits = Int(block.uint16(2 + i / 8 * 2))
        let scale = block.half(0) * (0.5 + Float(block.bits(4, of: 66 + i / 32, from: i / 16 % 2 * 4))) * 0.25
        return signed(scale * number(i % 8, ofEntry: bits & 511), i % 8, ofSevenBits: bits >> 9)
    }

    private func weightIQ2S(_ i: Int, of block: BlockBytes) -> Float {
        let index = block.byte(2 + i / 8) | block.bits(2, of: 66 + i / 32, from: i % 32 / 8 * 2) << 8
        let scale = block.half(0) * (0.5 + Float(block.bits(4, of: 74 + i / 32, from: i / 16 % 2 * 4))) * 0.25
        let value = scale * number(i % 8, ofEntry: index)
        return block.bits(1, of: 34 + i / 8, from: i % 8) == 1 ? -value : value
    }

    private func weightIQ3XXS(_ i: Int, of block: BlockBytes) -> Float {
        let word = block.uint32(66 + i / 32 * 4)
        let scale = block.half(0) * (0.5 + Float(word >> 28)) * 0.5
        let value = scale * number(i % 4, ofEntry: block.byte(2 + i / 4))
        return signed(value, i % 8, ofSevenBits: word >> (i % 32 / 8 * 7))
    }

    private func weightIQ3S(_ i: Int, of block: BlockBytes) -> Float {
        let index = block.byte(2 + i / 4) | block.bits(1, of: 66 + i / 32, from: i % 32 / 4) << 8
        let scale = block.half(0) * Float(1 + 2 * block.bits(4, of: 106 + i / 64, from: i / 32 % 2 * 4))
        let value = scale * number(i % 4, ofEntry: index)
        return block.bits(1, of: 74 + i / 8, from: i % 8) == 1 ? -value : value
    }

    private func weightIQ1S(_ i: Int, of block: BlockBytes) -> Float {
        let bits = Int(block.uint16(34 + i / 32 * 2))
        let index = block.byte(2 + i / 8) | (bits >> (i % 32 / 8 * 3) & 7) << 8
        let scale = block.half(0) * Float(2 * (bits >> 12 & 7) + 1)
        return scale * (number(i % 8, ofEntry: index) + (bits >> 15 == 1 ? -0.125 : 0.125))
    }

    private func weightIQ1M(_ i: Int, of block: BlockBytes) -> Float {
        let quarters = (0..<4).map { (block.uint16(48 + 2 * $0) >> 12) << (4 * $0) }
        let d = HalfPrecision.float(fromBinary16: quarters.reduce(0, |))
        let bits = block.bits(4, of: 32 + i / 16, from: i / 8 % 2 * 4)
        let scale = d * Float(2 * (Int(block.uint16(48 + i / 64 * 2)) >> (i / 16 % 4 * 3) & 7) + 1)
        let value = number(i % 8, ofEntry: block.byte(i / 8) | (bits & 7) << 8)
        return scale * (value + (bits >> 3 == 1 ? -0.125 : 0.125))
    }
}
