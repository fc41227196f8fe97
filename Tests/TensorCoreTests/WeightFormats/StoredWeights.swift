import CWeightKernels
import DataFiles
import Foundation
import TensorCore
import _TestSupport

/// Blocks and values of one format from `Fixtures/weights`, where `make_weights.py` says what they are.
struct WeightFixture {
    /// The number of blocks that stand first and have ordinary scales.
    static let ordinaryBlocks = 8

    let blocks: [UInt8]
    let expected: [Float]

    init(_ format: WeightFormat) throws {
        let folder = FixtureLocation.fixtures.appending(path: "weights")
        blocks = [UInt8](try Data(contentsOf: folder.appending(path: "\(format.name).blocks")))
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "\(format.name).expected")))
        expected = bytes.withUnsafeBytes { bytes in
            (0..<(bytes.count / 4)).map {
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
    }
}

/// A matrix in a stored format, whose rows start at odd addresses: three bytes lie between them and one before.
struct StoredMatrix {
    static let gap = 3
    static let start = 1

    let format: WeightFormat
    let rows: Int
    let columns: Int
    let rowBytes: Int
    let bytes: [UInt8]
    /// [rows][columns]: the weights as the reference in Swift reads them.
    let weights: [[Float]]

    /// Random blocks with ordinary scales.
    init(_ format: WeightFormat, rows: Int, blocks: Int) throws {
        var random = SeededGenerator(seed: UInt64(format.rawValue), stream: UInt64(rows))
        let source = format.weightsPerBlock == 1 ? [] : try WeightFixture(format).blocks
        let size = format.bytesPerBlock
        self.format = format
        self.rows = rows
        columns = blocks * format.weightsPerBlock
        rowBytes = blocks * size + Self.gap
        var bytes = [UInt8](repeating: 0xff, count: Self.start)
        var weights: [[Float]] = []
        for _ in 0..<rows {
            var row: [UInt8] = []
            for _ in 0..<blocks {
                if source.isEmpty {
                    row += Self.ordinaryNumber(format, &random)
                } else {
                    let block = Int.random(in: 0..<WeightFixture.ordinaryBlocks, using: &random)
                    row += source[(block * size)..<((block + 1) * size)]
                }
            }
            weights.append(reference(format, row))
            bytes += row + [UInt8](repeating: 0xff, count: Self.gap)
        }
        self.bytes = bytes
        self.weights = weights
    }

    /// The bytes of a random number between 2⁻⁷ and 2³.
    private static func ordinaryNumber(_ format: WeightFormat, _ random: inout SeededGenerator) -> [UInt8] {
        let sign = UInt32.random(in: 0...1, using: &random)
        let exponent = UInt32.random(in: 0..<10, using: &random)
        let fraction = UInt32.random(in: 0..<(1 << 23), using: &random)
        let bits: UInt32 =
            switch format {
            case .f16: sign << 15 | (exponent + 15 - 7) << 10 | fraction >> 13
            case .bf16: (sign << 31 | (exponent + 127 - 7) << 23 | fraction) >> 16
            default: sign << 31 | (exponent + 127 - 7) << 23 | fraction
            }
        return (0..<format.bytesPerBlock).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
    }
}

/// What the reference in Swift reads from whole blocks.
func reference(_ format: WeightFormat, _ blocks: [UInt8]) -> [Float] {
    var weights = [Float](repeating: .nan, count: blocks.count / format.bytesPerBlock * format.weightsPerBlock)
    blocks.withUnsafeBytes { blocks in weights.withUnsafeMutableBufferPointer { format.unpack(blocks, into: $0) } }
    return weights
}

/// The kernels of every instruction set that this machine has, with their names.
func allKernels() -> [(name: String, kernels: headsteer_kernels)] {
    ["portable", "neon", "neondot", "neoni8mm", "avx2", "avxvnni", "avx512", "avx512vnni", "amx"].compactMap { name in
        headsteer_kernels(name).map { (name, $0.pointee) }
    }
}

/// The first place where two sequences have other bits; all NaN count as the same.
func firstDifference(_ actual: [Float], _ expected: [Float]) -> String? {
    guard actual.count == expected.count else { return "\(actual.count) values instead of \(expected.count)" }
    for (i, (a, e)) in zip(actual, expected).enumerated() where a.bitPattern != e.bitPattern && !(a.isNaN && e.isNaN) {
        return "weight \(i) is \(a) (\(String(a.bitPattern, radix: 16))), not \(e) (\(String(e.bitPattern, radix: 16)))"
    }
    return nil
}
