// What all instruction sets share: the sizes of blocks, unaligned loads, half precision, and the kernel tables.

#ifndef HEADSTEER_BLOCKS_H
#define HEADSTEER_BLOCKS_H

#include "CWeightKernels.h"

#include <stdint.h>
#include <string.h>

/// For functions that are specialised by constant arguments: format, rows, width.
#define SPECIALISED static inline __attribute__((always_inline))

#define UNROLL _Pragma("clang loop unroll(full)")

/// Kernels take a row apart in groups of this many weights. It divides every block, except those of F32, F16 and BF16,
/// which get a padded last group.
enum { GROUP_WEIGHTS = 32 };

/// The largest block, in groups.
enum { MAXIMUM_GROUPS = 8 };

/// A block as the kernels see it: a whole number of groups.
struct block_size {
    size_t groups;
    size_t bytes;
};

/// `bytes` is 0 for an unknown format.
SPECIALISED struct block_size block_size(int format) {
    switch (format) {
    case HEADSTEER_F32: return (struct block_size){1, 128};
    case HEADSTEER_F16: return (struct block_size){1, 64};
    case HEADSTEER_BF16: return (struct block_size){1, 64};
    case HEADSTEER_Q4_0: return (struct block_size){1, 18};
    case HEADSTEER_Q4_1: return (struct block_size){1, 20};
    case HEADSTEER_Q5_0: return (struct block_size){1, 22};
    case HEADSTEER_Q5_1: return (struct block_size){1, 24};
    case HEADSTEER_Q8_0: return (struct block_size){1, 34};
    case HEADSTEER_Q2_K: return (struct block_size){8, 84};
    case HEADSTEER_Q3_K: return (struct block_size){8, 110};
    case HEADSTEER_Q4_K: return (struct block_size){8, 144};
    case HEADSTEER_Q5_K: return (struct block_size){8, 176};
    case HEADSTEER_Q6_K: return (struct block_size){8, 210};
    case HEADSTEER_IQ2_XXS: return (struct block_size){8, 66};
    case HEADSTEER_IQ2_XS: return (struct block_size){8, 74};
    case HEADSTEER_IQ2_S: return (struct block_size){8, 82};
    case HEADSTEER_IQ3_XXS: return (struct block_size){8, 98};
    case HEADSTEER_IQ3_S: return (struct block_size){8, 110};
    case HEADSTEER_IQ1_S: return (struct block_size){8, 50};
    case HEADSTEER_IQ1_M: return (struct block_size){8, 56};
    case HEADSTEER_IQ4_NL: return (struct block_size){1, 18};
    case HEADSTEER_IQ4_XS: return (struct block_size){8, 136};
    case HEADSTEER_TQ1_0: return (struct block_size){8, 54};
    case HEADSTEER_TQ2_0: return (struct block_size){8, 66};
    case HEADSTEER_MXFP4: return (struct block_size){1, 17};
    default: return (struct block_size){1, 0};
    }
}

/// How many rows of `n` weights to unpack at once: about a megabyte, which the second-level cache holds.
SPECIALISED size_t panel_strip(size_t n) {
    const size_t rows = (1 << 18) / (n ? n : 1) / 24 * 24;
    return rows < 24 ? 24 : rows > 96 ? 96 : rows;
}

/// The steps of a product of floats that are added up before they are added to its result, and the rows of weights that are unpacked
/// at once for a transposed product: a tile's share of them stays in the first-level cache.
enum { PRODUCT_DEPTH = 128 };

/// From one unpacked row of `n` weights to the next: some more, so that rows don't share the lines of a cache.
SPECIALISED size_t transposed_stride(size_t n) { return (n + 15) / 16 * 16 + 16; }

/// F32, F16 and BF16: rows of any length.
SPECIALISED int has_single_weights(int format) {
    return format == HEADSTEER_F32 || format == HEADSTEER_F16 || format == HEADSTEER_BF16;
}

SPECIALISED uint16_t load_u16(const uint8_t *bytes) {
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

SPECIALISED uint32_t load_u32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

SPECIALISED uint64_t load_u64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

SPECIALISED float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// IEEE 754 binary16 to binary32, exactly.
SPECIALISED float float_from_half(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t magnitude = half & 0x7fff;
    if (magnitude < 0x0400) {  // zero or subnormal: a multiple of 2^-24
        const float value = (float)magnitude * 0x1p-24f;
        return sign ? -value : value;
    }
    if (magnitude >= 0x7c00) return float_from_bits(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
    return float_from_bits(sign | ((magnitude << 13) + ((127 - 15) << 23)));
}

/// binary32 to IEEE 754 binary16, rounded to the nearest, to the even one of two.
SPECIALISED uint16_t half_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    bits &= 0x7fffffff;
    if (bits > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (bits >> 13 & 0x3ff));  // a NaN
    if (bits >= 0x477ff000) return (uint16_t)(sign | 0x7c00);  // at least 65520
    if (bits < 0x38800000) {  // subnormal: adding 0.5 leaves the multiples of 2^-24 in the lowest bits
        const float shifted = float_from_bits(bits) + 0.5f;
        uint32_t shifted_bits;
        memcpy(&shifted_bits, &shifted, sizeof shifted_bits);
        return (uint16_t)(sign | (shifted_bits - 0x3f000000));
    }
    return (uint16_t)(sign | ((bits - 0x38000000 + 0xfff + (bits >> 13 & 1)) >> 13));
}

/// The 8 scales and 8 minima of a Q4_K or Q5_K block, 6 bits each in 12 bytes, as bytes of two 64-bit words.
///
/// Bytes 0…3 hold scales 0…3 and bytes 4…7 minima 0…3 in their low 6 bits; their top 2 bits are the top bits of scales
/// and minima 4…7, whose low 4 bits are the low and the high halves of bytes 8…11.
struct six_bit_scales {
    uint64_t scales, minima;
};

SPECIALISED struct six_bit_scales six_bit_scales(const uint8_t *bytes) {
    const uint32_t low = load_u32(bytes), middle = load_u32(bytes + 4), high = load_u32(bytes + 8);
    const uint32_t scales_above = (high & 0x0f0f0f0f) | ((low >> 2) & 0x30303030);
    const uint32_t minima_above = ((high >> 4) & 0x0f0f0f0f) | ((middle >> 2) & 0x30303030);
    return (struct six_bit_scales){
        (uint64_t)scales_above << 32 | (low & 0x3f3f3f3f),
        (uint64_t)minima_above << 32 | (middle & 0x3f3f3f3f),
    };
}

/// The 16 scales of a Q3_K block, 6 bits each in 12 bytes: the low 4 bits of scale s are nibble s of the first 8 bytes,
/// its high 2 bits start at bit 2 * (s / 4) of byte 8 + s % 4.
SPECIALISED int q3_k_scale(const uint8_t *bytes, int s) {
    return ((bytes[s % 8] >> (s / 8 * 4) & 15) | (bytes[8 + s % 4] >> (s / 4 * 2) & 3) << 4) - 32;
}

/// `headsteer_panels_dot` of an instruction set.
typedef void panels_dot_function(
    int format, const void *panels, size_t row_count, size_t n, struct headsteer_rounded x, size_t batch, float *y,
    size_t y_stride, void *scratch);

panels_dot_function headsteer_portable_panels_dot;

/// Plain C, for every format: unpacks `n` weights.
void headsteer_unpack_portable(int format, const void *row, float *out, size_t n);

/// The 256 weights of a block of a format with a codebook.
void headsteer_unpack_codebook_block(int format, const uint8_t *block, float *out);

extern const struct headsteer_kernels headsteer_portable_kernels;
#if defined(__x86_64__)
extern const struct headsteer_kernels headsteer_avx2_kernels;
extern const struct headsteer_kernels headsteer_avxvnni_kernels;
extern const struct headsteer_kernels headsteer_avx512_kernels;
extern const struct headsteer_kernels headsteer_avx512vnni_kernels;
extern const struct headsteer_kernels headsteer_amx_kernels;

panels_dot_function headsteer_avx2_panels_dot;
panels_dot_function headsteer_avxvnni_panels_dot;
panels_dot_function headsteer_avx512_panels_dot;
panels_dot_function headsteer_avx512vnni_panels_dot;
/// The same for many vectors.
panels_dot_function headsteer_avx512vnni_many_panels_dot;
panels_dot_function headsteer_amx_panels_dot;

/// Asks the system for the use of AMX's tiles; 0 where there are none or they aren't granted.
int headsteer_may_use_amx(void);
#endif
#if defined(__aarch64__)
extern const struct headsteer_kernels headsteer_neon_kernels;
extern const struct headsteer_kernels headsteer_neondot_kernels;
extern const struct headsteer_kernels headsteer_neoni8mm_kernels;

panels_dot_function headsteer_neon_panels_dot;
panels_dot_function headsteer_neondot_panels_dot;
panels_dot_function headsteer_neoni8mm_panels_dot;
#endif

#endif
