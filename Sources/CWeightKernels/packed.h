// The packed layout of weights, and what all instruction sets agree on when they multiply by it.
//
// A panel is 16 rows. A group is 32 columns. A word is 4 columns of a row. In a panel the words of the 16 rows that belong to
// the same columns lie together, 64 bytes: a lane of 32 bits is a row. So a kernel loads codes as it needs them and adds up
// each row in a lane of its own, and a panel takes as many bytes as in the file (up to 3 % more where 6-bit scales become bytes).
//
// A panel begins with the codes of all groups; behind them lie their scales. Of a group, in this order:
//
// - nibbles (256 bytes): lane r of vector j has in byte b the codes of columns 4j + b (low half) and 16 + 4j + b (high half);
// - pairs of bits (128): lane r of vector v has in byte b, from bit 2t, the pair of column 4(4v + t) + b;
// - single bits (64): lane r has in byte b, as bit j, the bit of column 4j + b;
// - bytes (512): lane r of vector j has in byte b the code of column 4j + b.
//
// A code is unsigned; `zero_bits` tells what it stands for: code - 2^zero_bits (nothing is taken off where it is negative).
//
// Of the scales, a format with groups of its own has 16 halves `d` and, with offsets, 16 halves `m`; MXFP4 has 16 exponents. A
// format with blocks of 256 has 16 halves `d`, with offsets 16 halves `m`, then for each group the scales as bytes (signed ones
// in Q6_K, Q3_K and IQ4_XS), and with offsets the minima, 16 each; where a scale belongs to 16 columns, first those of columns
// 0...15, then those of 16...31. Q2_K has scale and minimum in the halves of one byte.
//
// The formula. With a vector x rounded to planes of bytes (`headsteer_round`), a row's result takes the groups in their order, and
// in each the parts that have a scale of their own (one of 32 columns, or two of 16):
//
//     sum    = sum over the part's columns of code * x, an exact integer
//     result = fma(sum as a float, scale * x_scale, result)
//     result = fma(offset, x_sum, result)                    where the format has offsets
//
// With three planes the sum is a float of two integers: fma(256 * sum of plane 0 + sum of plane 1, 256, sum of plane 2). All
// instruction sets give the same bits, for a vector alone or in a batch, and for any rows.

#ifndef HEADSTEER_PACKED_H
#define HEADSTEER_PACKED_H

#include "blocks.h"

enum { PANEL_OUTPUTS = 16, GROUP_WORDS = GROUP_WEIGHTS / 4, HIGHEST_PLANES = 3 };

/// What a packed format consists of. Everything is a constant where the format is one.
struct packed_format {
    int has_nibbles, has_pairs, has_bits, has_bytes;
    /// Codes 0...15 are places in a table of values.
    int has_table;
    int zero_bits;
    int has_offsets;
    /// Parts of a group with a scale of their own.
    int parts;
    /// Groups that share `d`: 1 or 8.
    int groups;
    /// Bytes before the scales of the groups' own, and of each group.
    size_t header_bytes, scale_bytes;
};

/// `groups` is 0 for a format without a packed form.
SPECIALISED struct packed_format packed_format(int format) {
    struct packed_format f = {.zero_bits = -1, .parts = 1};
    switch (format) {
    case HEADSTEER_Q4_0: f.has_nibbles = 1, f.zero_bits = 3, f.groups = 1, f.header_bytes = 32; break;
    case HEADSTEER_Q4_1: f.has_nibbles = 1, f.has_offsets = 1, f.groups = 1, f.header_bytes = 64; break;
    case HEADSTEER_Q5_0: f.has_nibbles = f.has_bits = 1, f.zero_bits = 4, f.groups = 1, f.header_bytes = 32; break;
    case HEADSTEER_Q5_1: f.has_nibbles = f.has_bits = 1, f.has_offsets = 1, f.groups = 1, f.header_bytes = 64; break;
    case HEADSTEER_Q8_0: f.has_bytes = 1, f.zero_bits = 7, f.groups = 1, f.header_bytes = 32; break;
    case HEADSTEER_IQ4_NL: f.has_nibbles = f.has_table = 1, f.zero_bits = 7, f.groups = 1, f.header_bytes = 32; break;
    case HEADSTEER_MXFP4: f.has_nibbles = f.has_table = 1, f.zero_bits = 4, f.groups = 1, f.header_bytes = 16; break;
    case HEADSTEER_Q4_K:
        f.has_nibbles = 1, f.has_offsets = 1, f.groups = 8, f.header_bytes = 64, f.scale_bytes = 32;
        break;
    case HEADSTEER_Q5_K:
        f.has_nibbles = f.has_bits = 1, f.has_offsets = 1, f.groups = 8, f.header_bytes = 64, f.scale_bytes = 32;
        break;
    case HEADSTEER_Q6_K:
        f.has_nibbles = f.has_pairs = 1, f.zero_bits = 5, f.parts = 2, f.groups = 8, f.header_bytes = 32;
        f.scale_bytes = 32;
        break;
    case HEADSTEER_Q3_K:
        f.has_pairs = f.has_bits = 1, f.zero_bits = 2, f.parts = 2, f.groups = 8, f.header_bytes = 32;
        f.scale_bytes = 32;
        break;
    case HEADSTEER_Q2_K:
        f.has_pairs = 1, f.has_offsets = 1, f.parts = 2, f.groups = 8, f.header_bytes = 64, f.scale_bytes = 32;
        break;
    case HEADSTEER_IQ4_XS:
        f.has_nibbles = f.has_table = 1, f.zero_bits = 7, f.groups = 8, f.header_bytes = 32, f.scale_bytes = 16;
        break;
    default: break;
    }
    return f;
}

#define FOR_EACH_PACKED_FORMAT(CASE)                                                                                  \
    CASE(HEADSTEER_Q4_0)                                                                                              \
    CASE(HEADSTEER_Q4_1)                                                                                              \
    CASE(HEADSTEER_Q5_0)                                                                                              \
    CASE(HEADSTEER_Q5_1)                                                                                              \
    CASE(HEADSTEER_Q8_0)                                                                                              \
    CASE(HEADSTEER_Q2_K)                                                                                              \
    CASE(HEADSTEER_Q3_K)                                                                                              \
    CASE(HEADSTEER_Q4_K)                                                                                              \
    CASE(HEADSTEER_Q5_K)                                                                                              \
    CASE(HEADSTEER_Q6_K)                                                                                              \
    CASE(HEADSTEER_IQ4_NL)                                                                                            \
    CASE(HEADSTEER_IQ4_XS)                                                                                            \
    CASE(HEADSTEER_MXFP4)

/// The bytes of a group's codes: a multiple of 64.
SPECIALISED size_t packed_code_bytes(struct packed_format f) {
    return (size_t)(256 * f.has_nibbles + 128 * f.has_pairs + 64 * f.has_bits + 512 * f.has_bytes);
}

/// The bytes of the scales of `f.groups` groups.
SPECIALISED size_t packed_scale_bytes(struct packed_format f) {
    return f.header_bytes + (size_t)f.groups * f.scale_bytes;
}

/// The bytes of a panel of rows of `n` weights: a multiple of 64.
SPECIALISED size_t packed_panel_bytes(struct packed_format f, size_t n) {
    const size_t groups = n / GROUP_WEIGHTS;
    const size_t bytes = groups * packed_code_bytes(f) + groups / (size_t)f.groups * packed_scale_bytes(f);
    return (bytes + 63) / 64 * 64;
}

/// Asks for the codes and scales that come about 4 KB after group `g` of a panel: at the end of the panel, those of the next one.
///
/// A core that waits for each line gets half of what memory can give, and the processor's own prefetching stops where a panel's
/// codes end. A hint, not an access: after the last panel it asks for what isn't used.
SPECIALISED void prefetch_ahead(struct packed_format f, const uint8_t *panel, size_t groups, size_t g) {
    const size_t code_bytes = packed_code_bytes(f), scale_bytes = packed_scale_bytes(f);
    size_t ahead = g + 4096 / code_bytes;
    if (ahead >= groups) {
        ahead -= groups;
        panel += (groups * code_bytes + groups / (size_t)f.groups * scale_bytes + 63) / 64 * 64;
    }
    const uint8_t *codes = panel + ahead * code_bytes;
    UNROLL for (size_t line = 0; line < code_bytes; line += 64) __builtin_prefetch(codes + line);
    __builtin_prefetch(panel + groups * code_bytes + ahead * scale_bytes / (size_t)f.groups);
}

/// Asks for groups `first` to `first + count` of a panel, whose scales lie apart from their codes, while others are computed.
SPECIALISED void prefetch_chunk(struct packed_format f, const uint8_t *panel, size_t groups, size_t first, size_t count) {
    const size_t code_bytes = packed_code_bytes(f), scale_bytes = packed_scale_bytes(f), shared = (size_t)f.groups;
    const uint8_t *codes = panel + first * code_bytes;
    const uint8_t *scales = panel + groups * code_bytes + first / shared * scale_bytes;
    for (size_t byte = 0; byte < count * code_bytes; byte += 64) __builtin_prefetch(codes + byte, 0, 2);
    for (size_t byte = 0; byte < (count + shared - 1) / shared * scale_bytes; byte += 64) {
        __builtin_prefetch(scales + byte, 0, 2);
    }
}

/// The values of a format with a table, plus 2^zero_bits.
SPECIALISED void packed_table(int format, uint8_t table[16]) {
    static const int8_t nonlinear[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    static const int8_t float4[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    for (int i = 0; i < 16; i++) {
        table[i] = (uint8_t)(format == HEADSTEER_MXFP4 ? float4[i] + 16 : nonlinear[i] + 128);
    }
}

/// 2^(exponent - 128), the scale of a block of MXFP4.
SPECIALISED float scale_from_exponent(uint8_t exponent) {
    return float_from_bits(exponent < 2 ? 0x00200000u << exponent : (uint32_t)(exponent - 1) << 23);
}

/// Whoever divides rows among threads gives each a multiple of so many, for many vectors: what vectors become for a chunk of groups
/// must serve several panels.
SPECIALISED size_t packed_strip(size_t n) {
    (void)n;
    return 96;
}

/// The scratch memory of kernels for many vectors: an unpacked chunk of a panel, and what vectors become for it.
enum { PACKED_SCRATCH_BYTES = 1 << 20 };

SPECIALISED size_t packed_scratch_bytes(size_t n) {
    (void)n;
    return PACKED_SCRATCH_BYTES;
}

/// A vector as kernels take it.
struct packed_vector {
    const int8_t *codes;
    const struct headsteer_group *groups;
};

SPECIALISED struct packed_vector packed_vector(struct headsteer_rounded x, size_t n, size_t b) {
    return (struct packed_vector){
        x.codes + b * n * (size_t)x.planes, x.groups + b * (n / GROUP_WEIGHTS),
    };
}

#endif
