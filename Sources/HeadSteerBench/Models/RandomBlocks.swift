import DataFiles
import TensorCore

/// Random weights as blocks of a stored format, in which every bit is random except for the numbers that scale a block.
///
/// The weights are generated in encoded form and are never floats, so gigabytes take only seconds. Their mean is 0, and
/// their standard deviation is the requested one (within a factor of √2 for F32, F16, BF16 and MXFP4, where all weights
/// have the same exponent). Their distribution is that of the format's integers. The same seed gives the same bytes on
/// every platform, because no function of the mathematical library is used.
struct RandomBlocks: Sendable {
    private let format: WeightFormat
    private let layout: BlockLayout
    /// The bytes that replace random ones, by their offsets in a block; each of these numbers gets a random sign.
    private let fixed: [(offset: Int, bits: UInt16)]
    /// The scale of each block; for floats, the value that their power of two should be close to.
    private let scale: Double

    /// - Parameter deviation: the standard deviation of the weights, above 0.
    init(_ format: WeightFormat, deviation: Double) {
        precondition(deviation > 0, "Random weights need a standard deviation above 0, not \(deviation).")
        let layout = BlockLayout(format)
        let unit = RandomBlocks(format, layout, scale: 1).sampledDeviation()
        self.init(format, layout, scale: deviation / unit)
    }

    /// - Parameter scale: the scale of each block.
    private init(_ format: WeightFormat, _ layout: BlockLayout, scale: Double) {
        self.format = format
        self.layout = layout
        switch layout {
        case .floats, .exponent: fixed = []
        case .quarters(let offset): fixed = [(offset, Binary16.bits(nearest: scale))]
        case .scaled(let offset, let minimum):
            let bits = Binary16.bits(nearest: scale)
            var fields = [(offset, bits)]
            if let minimum {
                fields.append((minimum.offset, Binary16.bits(nearest: Binary16.value(bits) * minimum.ratio)))
            }
            fixed = fields
        }
        self.scale = scale
    }

    /// Fills a buffer of whole blocks.
    func fill(_ bytes: UnsafeMutableRawBufferPointer, from generator: inout SeededGenerator) {
        precondition(bytes.count % format.bytesPerBlock == 0, "A tensor is made of whole blocks.")
        Self.fillRandom(bytes, from: &generator)
        switch layout {
        case .floats(let kind): kind.setExponents(of: bytes, to: scale)
        case .exponent(let offset):
            let exponent = UInt8(clamping: Int((scale * 2.0.squareRoot()).exponent) + 128)
            for block in stride(from: 0, to: bytes.count, by: format.bytesPerBlock) { bytes[block + offset] = exponent }
        case .quarters:
            for block in stride(from: 0, to: bytes.count, by: format.bytesPerBlock) {
                for (offset, bits) in fixed {
                    let sign = UInt16(bytes[block + offset + 7] & 0x80) << 8
                    for quarter in 0..<4 {
                        let upper = UInt8((bits ^ sign) >> (4 * quarter) & 15) << 4
                        let place = block + offset + 2 * quarter + 1
                        bytes[place] = bytes[place] & 15 | upper
                    }
                }
            }
        case .scaled(let offset, _):
            for block in stride(from: 0, to: bytes.count, by: format.bytesPerBlock) {
                // The block's own random sign makes the mean 0 even if the mean of the format's integers isn't.
                let sign = UInt16(bytes[block + offset + 1] & 0x80) << 8
                for (offset, bits) in fixed {
                    bytes[block + offset] = UInt8(truncatingIfNeeded: bits)
                    bytes[block + offset + 1] = UInt8(truncatingIfNeeded: (bits ^ sign) >> 8)
                }
            }
        }
    }

    /// The standard deviation of some of the weights, assuming that their mean is 0.
    private func sampledDeviation() -> Double {
        // The number of blocks determines the accuracy, which is about 1%.
        let count = 512 * max(format.weightsPerBlock, 32)
        var bytes = [UInt8](repeating: 0, count: count / format.weightsPerBlock * format.bytesPerBlock)
        var weights = [Float](repeating: 0, count: count)
        var generator = SeededGenerator(seed: 0)
        bytes.withUnsafeMutableBytes { fill($0, from: &generator) }
        bytes.withUnsafeBytes { bytes in weights.withUnsafeMutableBufferPointer { format.unpack(bytes, into: $0) } }
        return (weights.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(count)).squareRoot()
    }

    private static func fillRandom(_ bytes: UnsafeMutableRawBufferPointer, from generator: inout SeededGenerator) {
        let whole = bytes.count / 8
        for index in 0..<whole {
            bytes.storeBytes(of: generator.next().littleEndian, toByteOffset: 8 * index, as: UInt64.self)
        }
        var rest = generator.next()
        for index in (8 * whole)..<bytes.count {
            bytes[index] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
    }
}
