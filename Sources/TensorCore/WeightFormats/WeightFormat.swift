/// How the weights of a matrix are stored: the formats of ggml that GGUF files use.
///
/// A row of weights is a sequence of blocks, each of ``weightsPerBlock`` weights in ``bytesPerBlock`` bytes; all
/// integers and floats are little-endian. In the formulas below, `d` and `m` are half-precision numbers in the block,
/// and `q` is the stored integer of weight i. Nibble i of n bytes is the low half of byte i for i < n, and the high
/// half of byte i − n from there on.
///
/// The formats whose names begin with IQ1, IQ2 and IQ3 have codebooks: weight i is number i mod 8 of an entry whose
/// index is stored for each 8 weights (in IQ3, number i mod 4, for each 4). Codebooks are part of the formats and are
/// in `Sources/CWeightKernels/codebooks.c`. Signs are 8 bits for each 8 weights, 1 for minus. In some formats they are
/// 7 bits, and the eighth sign makes the number of minus signs even.
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
    /// q begins at bit 2·(i mod 128 / 32) of byte 32·(i / 128) + i mod 32.
    case q2_K = 10
    /// 256 third bits (32 bytes), 256 q of 2 bits (64), 16 scales of 6 bits (12), `d` (2); for weight i of sub-block
    /// s = i / 16: w = d·(scale[s] − 32)·(q + 4·bit − 4).
    ///
    /// The third bit is bit i / 32 of byte i mod 32; q is stored as in ``q2_K``. The low 4 bits of scale s are nibble s
    /// of the first 8 bytes of the scales, and its high 2 bits start at bit 2·(s / 4) of byte 8 + s mod 4.
    case q3_K = 11
    /// `d` (2 bytes), `m` (2), 8 scales and 8 minima of 6 bits (12), 256 nibbles q (128); for weight i of sub-block
    /// s = i / 32: w = d·scale[s]·q − m·minimum[s].
    ///
    /// Each 32 bytes hold the nibbles of two sub-blocks. Scales 0…3 and minima 0…3 are the low 6 bits of bytes 0…3 and
    /// 4…7 of the packed scales. Scale and minimum s = 4…7 have their low 4 bits in the low and the high nibble of byte
    /// s + 4, and their high 2 bits in the top bits of bytes s − 4 and s.
    case q4_K = 12
    /// `d` (2 bytes), `m` (2), scales and minima (12) as in ``q4_K``, 256 fifth bits (32), 256 nibbles (128):
    /// q = nibble + 16·bit, w = d·scale[s]·q − m·minimum[s].
    ///
    /// The fifth bit of weight i is bit i / 32 of byte i mod 32.
    case q5_K = 13
    /// 256 nibbles (128 bytes), 256 upper pairs of bits (64), 16 signed scales (16), `d` (2); for weight i of sub-block
    /// s = i / 16: q = nibble + 16·pair, w = d·scale[s]·(q − 32).
    ///
    /// Each 64 bytes hold the nibbles of 128 weights, and each 32 bytes their pairs: that of weight i begins at bit
    /// 2·(i mod 128 / 32) of byte 32·(i / 128) + i mod 32.
    case q6_K = 14

    /// `d` (2 bytes), 32 nibbles q (16): w = d·v[q], v = −127 −104 −83 −65 −49 −35 −22 −10 1 13 25 38 53 69 89 113.
    case iq4_NL = 20
    /// `d` (2 bytes), upper pairs of bits of 8 scales (2), their lower nibbles (4), 256 nibbles q (128); for weight i
    /// of sub-block s = i / 32: w = d·(scale[s] − 32)·v[q], with the v of ``iq4_NL``.
    ///
    /// The lower nibble of scale s begins at bit 4·(s mod 2) of byte s / 2, its upper pair at bit 2·s. Each 16 bytes
    /// hold the nibbles of a sub-block.
    case iq4_XS = 23
    /// Exponent e (1 byte), 32 nibbles q (16): w = 2^(e − 128)·v[q], v = 0 1 2 3 4 6 8 12 and the same with minus.
    ///
    /// This is the microscaling format of 4-bit floats (OCP MX, E2M1 with a scale E8M0), whose values are v / 2.
    case mxfp4 = 39

    /// `d` (2 bytes), then 8 bytes for each 32 weights: 4 indices (4), and a word (4) of 4 × 7 signs with the scale in
    /// its top 4 bits: w = ±d·(scale + ½)·entry / 4. Numbers: 8, 25, 43.
    case iq2_XXS = 16
    /// `d` (2 bytes), for each 8 weights an index of 9 bits with 7 signs above it (64), 16 scales (8); the scale of
    /// weight i begins at bit 4·(i / 16 mod 2) of byte i / 32: w as in ``iq2_XXS``.
    case iq2_XS = 17
    /// `d` (2 bytes), 32 low bytes of indices (32), 256 signs (32), upper pairs of bits of the indices, four to a byte
    /// (8), 16 scales (8) as in ``iq2_XS``: w as in ``iq2_XXS``.
    case iq2_S = 22
    /// `d` (2 bytes), 64 indices (64), for each 32 weights a word with signs and scale as in ``iq2_XXS`` (32): w =
    /// ±d·(scale + ½)·entry / 2. Numbers: 4, 12, 20, 28, 36, 44, 52, 62.
    case iq3_XXS = 18
    /// `d` (2 bytes), 64 low bytes of indices (64), their ninth bits, eight to a byte (8), 256 signs (32), 8 scales of
    /// 4 bits (4); the scale of weight i begins at bit 4·(i / 32 mod 2) of byte i / 64: w = ±d·(2·scale + 1)·entry.
    /// Numbers: the odd numbers to 15.
    case iq3_S = 21
    /// `d` (2 bytes), 32 low bytes of indices (32), for each 32 weights 16 bits (16): 4 × 3 upper bits of the indices,
    /// a scale of 3 bits and the sign of a shift: w = d·(2·scale + 1)·(entry ± ⅛). Numbers: −1, 0, 1.
    case iq1_S = 19
    /// 32 low bytes of indices (32), a nibble for each index (16): 3 upper bits and the sign of the shift; four words
    /// (8) of 4 scales of 3 bits, each for 16 weights, with a quarter of `d` in the top 4 bits of each word: w as in
    /// ``iq1_S``, with its codebook.
    case iq1_M = 29

    /// 240 weights as base-3 digits, five to a byte (48), 16 more, four to a byte (4), `d` (2): w = d·(digit − 1).
    ///
    /// A byte b stands for a fraction of 256: its digit k is the integral part of 3·(3ᵏ·b mod 256) / 256. Weights 0…159
    /// are the digits 0 of bytes 0…31, then their digits 1, and so on. Weights 160…239 are those of bytes 32…47 in the
    /// same way, and the others those of the last 4.
    case tq1_0 = 34
    /// 256 q of 2 bits (64), stored as in ``q2_K``, `d` (2): w = d·(q − 1).
    case tq2_0 = 35
}
