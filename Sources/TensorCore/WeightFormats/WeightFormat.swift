/// How the weights of a matrix are stored: the formats of ggml that GGUF files use most.
///
/// A row of weights is a sequence of blocks, each of ``weightsPerBlock`` weights in ``bytesPerBlock`` bytes; all
/// integers and floats are little-endian. In the formulas below, `d` and `m` are half-precision numbers that stand in
/// the block, `q` is the stored integer of weight i, and nibble i of n bytes is the low half of byte i for i < n and the
/// high half of byte i − n from there on.
///
/// The raw values are the type numbers in ggml and GGUF files. The layouts are those of `ggml-common.h` and
/// `dequantize_row_*` in [ggml](https://github.com/ggml-org/ggml).
public enum WeightFormat: UInt32, Sendable, CaseIterable {
    /// IEEE 754 binary32.
    case f32 = 0
    /// IEEE 754 binary16.
    case f16 = 1
    /// bfloat16: the upper half of a binary32.
    case bf16 = 30

    /// `d` (2 bytes), 32 nibbles q (16): w = d·(q − 8).
    case q4_0 = 2
    /// `d` (2 bytes), `m` (2), 32 nibbles q (16): w = d·q + m.
    case q4_1 = 3
    /// `d` (2 bytes), 32 fifth bits (4), 32 nibbles (16): q = nibble + 16·bit, w = d·(q − 16).
    case q5_0 = 6
    /// `d` (2 bytes), `m` (2), 32 fifth bits (4), 32 nibbles (16): q = nibble + 16·bit, w = d·q + m.
    case q5_1 = 7
    /// `d` (2 bytes), 32 signed bytes q: w = d·q.
    case q8_0 = 8

    /// 16 scales and minima (low and high nibbles of 16 bytes), 256 q of 2 bits (64), `d` (2), `m` (2); for weight i
    /// of sub-block s = i / 16: w = d·scale[s]·q − m·minimum[s].
    ///
    /// q is in byte 32·(i / 128) + i mod 32, from bit 2·(i mod 128 / 32).
    case q2_K = 10
    /// 256 third bits (32 bytes), 256 q of 2 bits (64), 16 scales of 6 bits (12), `d` (2); for weight i of sub-block
    /// s = i / 16: w = d·(scale[s] − 32)·(q + 4·bit − 4).
    ///
    /// The third bit is bit i / 32 of byte i mod 32; q lies as in ``q2_K``. The low 4 bits of scale s are nibble s of
    /// the first 8 bytes of the scales, its high 2 bits start at bit 2·(s / 4) of byte 8 + s mod 4.
    case q3_K = 11
    /// `d` (2 bytes), `m` (2), 8 scales and 8 minima of 6 bits (12), 256 nibbles q (128); for weight i of sub-block
    /// s = i / 32: w = d·scale[s]·q − m·minimum[s].
    ///
    /// Each 32 bytes hold the nibbles of two sub-blocks. Scales 0…3 and minima 0…3 are the low 6 bits of bytes 0…3 and
    /// 4…7 of the packed scales; scale and minimum s = 4…7 have their low 4 bits in the low and the high nibble of byte
    /// s + 4, and their high 2 bits in the top bits of bytes s − 4 and s.
    case q4_K = 12
    /// `d` (2 bytes), `m` (2), scales and minima (12) as in ``q4_K``, 256 fifth bits (32), 256 nibbles (128):
    /// q = nibble + 16·bit, w = d·scale[s]·q − m·minimum[s].
    ///
    /// The fifth bit of weight i is bit i / 32 of byte i mod 32.
    case q5_K = 13
    /// 256 nibbles (128 bytes), 256 upper pairs of bits (64), 16 signed scales (16), `d` (2); for weight i of
    /// sub-block s = i / 16: q = nibble + 16·pair, w = d·scale[s]·(q − 32).
    ///
    /// Each 64 bytes hold the nibbles of 128 weights, each 32 bytes their pairs: of weight i, from bit
    /// 2·(i mod 128 / 32) of byte 32·(i / 128) + i mod 32.
    case q6_K = 14

    /// The format's name as model files and tools write it: `F32`, `Q4_1`, `Q6_K`.
    public var name: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .bf16: "BF16"
        case .q4_0: "Q4_0"
        case .q4_1: "Q4_1"
        case .q5_0: "Q5_0"
        case .q5_1: "Q5_1"
        case .q8_0: "Q8_0"
        case .q2_K: "Q2_K"
        case .q3_K: "Q3_K"
        case .q4_K: "Q4_K"
        case .q5_K: "Q5_K"
        case .q6_K: "Q6_K"
        }
    }

    /// The number of weights that are stored together; the length of a row is a multiple of it.
    public var weightsPerBlock: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        case .q2_K, .q3_K, .q4_K, .q5_K, .q6_K: 256
        }
    }

    /// The size of a block.
    public var bytesPerBlock: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        case .q2_K: 84
        case .q3_K: 110
        case .q4_K: 144
        case .q5_K: 176
        case .q6_K: 210
        }
    }

    /// The size of `weights` weights in bytes, or nil where they aren't whole blocks or the size exceeds `Int`.
    ///
    /// It never traps, so that it may be asked about numbers from files.
    public func byteCount(weights: Int) -> Int? {
        guard weights >= 0, weights % weightsPerBlock == 0 else { return nil }
        let (count, overflows) = (weights / weightsPerBlock).multipliedReportingOverflow(by: bytesPerBlock)
        return overflows ? nil : count
    }
}
