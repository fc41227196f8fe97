import DataFiles

extension WeightFormat {
    /// Reads stored weights as float32, by the formulas given at each format.
    ///
    /// This is the reference for testing the kernels. It is written to be read, and has the order of operations of
    /// ggml's `dequantize_row_*`, so that the values agree bit for bit. It is far slower than the kernels. O(weights).
    ///
    /// - Parameters:
    ///   - bytes: whole blocks; they needn't be aligned.
    ///   - weights: receives all weights of these blocks.
    /// - Precondition: `bytes` has the size that the weights take.
    public func unpack(_ bytes: UnsafeRawBufferPointer, into weights: UnsafeMutableBufferPointer<Float>) {
        precondition(
            byteCount(weights: weights.count) == bytes.count,
            "\(weights.count) weights of the format \(name) don't take \(bytes.count) bytes.")
        for block in 0..<(weights.count / weightsPerBlock) {
            let start = block * bytesPerBlock
            let block = BlockBytes(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + bytesPerBlock)]))
            let first = start / bytesPerBlock * weightsPerBlock
            for i in 0..<weightsPerBlock { weights[first + i] = weight(i, of: block) }
        }
    }

    /// Weight `i` of a block.
    private func weight(_ i: Int, of block: BlockBytes) -> Float {
        switch self {
        case .f32: Float(bitPattern: UInt32(block.uint16(0)) | UInt32(block.uint16(2)) << 16)
        case .f16: block.half(0)
        case .bf16: HalfPrecision.float(fromBFloat16: block.uint16(0))
        case .q4_0: block.half(0) * Float(block.nibble(i, of: 16, at: 2) - 8)
        case .q4_1: block.half(0) * Float(block.nibble(i, of: 16, at: 4)) + block.half(2)
        case .q5_0:
            block.half(0)
                * Float((block.nibble(i, of: 16, at: 6) | block.bits(1, of: 2 + i / 8, from: i % 8) << 4) - 16)
        case .q5_1:
            block.half(0) * Float(block.nibble(i, of: 16, at: 8) | block.bits(1, of: 4 + i / 8, from: i % 8) << 4)
                + block.half(2)
        case .q8_0: block.half(0) * Float(block.signedByte(2 + i))
        case .q2_K: weightQ2K(i, of: block)
        case .q3_K: weightQ3K(i, of: block)
        case .q4_K: weightQ4K(i, of: block)
        case .q5_K: weightQ5K(i, of: block)
        case .q6_K: weightQ6K(i, of: block)
        case .iq4_NL: block.half(0) * Self.iq4Values[block.nibble(i, of: 16, at: 2)]
        case .iq4_XS: weightIQ4XS(i, of: block)
        case .mxfp4: weightMXFP4(i, of: block)
        case .tq1_0: weightTQ10(i, of: block)
        case .tq2_0:
            block.half(64) * Float(block.bits(2, of: i / 128 * 32 + i % 32, from: i % 128 / 32 * 2) - 1)
        case .iq2_XXS, .iq2_XS, .iq2_S, .iq3_XXS, .iq3_S, .iq1_S, .iq1_M: codebookWeight(i, of: block)
        }
    }

    private func weightQ2K(_ i: Int, of block: BlockBytes) -> Float {
        let scale = block.half(80) * Float(block.bits(4, of: i / 16, from: 0))
        let minimum = block.half(82) * Float(block.bits(4, of: i / 16, from: 4))
        let q = block.bits(2, of: 16 + i / 128 * 32 + i % 32, from: i % 128 / 32 * 2)
        return scale * Float(q) - minimum
    }

    private func weightQ3K(_ i: Int, of block: BlockBytes) -> Float {
        let s = i / 16
        let scale = block.nibble(s, of: 8, at: 96) | block.bits(2, of: 104 + s % 4, from: s / 4 * 2) << 4
        let low = block.bits(2, of: 32 + i / 128 * 32 + i % 32, from: i % 128 / 32 * 2)
        let bit = block.bits(1, of: i % 32, from: i / 32)
        return block.half(108) * Float(scale - 32) * Float(low + 4 * bit - 4)
    }

    private func weightQ4K(_ i: Int, of block: BlockBytes) -> Float {
        let (scale, minimum) = block.sixBitScaleAndMinimum(i / 32)
        let q = block.nibble(i % 64, of: 32, at: 16 + i / 64 * 32)
        return block.half(0) * scale * Float(q) - block.half(2) * minimum
    }

    private func weightQ5K(_ i: Int, of block: BlockBytes) -> Float {
        let (scale, minimum) = block.sixBitScaleAndMinimum(i / 32)
        let q = block.nibble(i % 64, of: 32, at: 48 + i / 64 * 32) | block.bits(1, of: 16 + i % 32, from: i / 32) << 4
        return block.half(0) * scale * Float(q) - block.half(2) * minimum
    }

    private func weightQ6K(_ i: Int, of block: BlockBytes) -> Float {
        let low = block.nibble(i % 128, of: 64, at: i / 128 * 64)
        let high = block.bits(2, of: 128 + i / 128 * 32 + i % 32, from: i % 128 / 32 * 2)
        return block.half(208) * Float(block.signedByte(192 + i / 16)) * Float((low | high << 4) - 32)
    }

    private static let iq4Values: [Float] = [
        -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
    ]

    private func weightIQ4XS(_ i: Int, of block: BlockBytes) -> Float {
        let s = i / 32
        let scale = block.bits(4, of: 4 + s / 2, from: s % 2 * 4) | block.bits(2, of: 2 + s / 4, from: s % 4 * 2) << 4
        return block.half(0) * Float(scale - 32) * Self.iq4Values[block.nibble(i % 32, of: 16, at: 8 + 16 * s)]
    }

    private func weightMXFP4(_ i: Int, of block: BlockBytes) -> Float {
        let magnitudes: [Float] = [0, 1, 2, 3, 4, 6, 8, 12]
        let q = block.nibble(i, of: 16, at: 1)
        // ggml makes no NaN of the exponent 255, as the microscaling format would, and its zero has no sign.
        let scale = Float(sign: .plus, exponent: block.byte(0) - 128, significand: 1)
        return scale * (q > 8 ? -magnitudes[q - 8] : magnitudes[q % 8])
    }

    private func weightTQ10(_ i: Int, of block: BlockBytes) -> Float {
        let powers = [1, 3, 9, 27, 81]
        let (byte, digit) =
            switch i {
            case ..<160: (i % 32, i / 32)
            case ..<240: (32 + i % 16, (i - 160) / 16)
            default: (48 + i % 4, (i - 240) / 4)
            }
        return block.half(52) * Float(block.byte(byte) * powers[digit] % 256 * 3 / 256 - 1)
    }
}
