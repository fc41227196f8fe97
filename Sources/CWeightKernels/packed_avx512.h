// What the AVX-512 kernels of packed weights share: codes and scales of a group of 16 rows. Included by files with the target
// attribute set.

#ifndef HEADSTEER_PACKED_AVX512_H
#define HEADSTEER_PACKED_AVX512_H

#include "packed.h"

#include <immintrin.h>

/// The table of a format, for looking up bytes within lanes of 16 bytes.
SPECIALISED __m512i packed_values(int format) {
    uint8_t table[16];
    packed_table(format, table);
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table));
}

/// The 8 words of a group: unsigned codes, a row to a lane.
SPECIALISED void unpack_words(int format, const uint8_t *codes, __m512i *words) {
    const struct packed_format f = packed_format(format);
    const uint8_t *pairs = codes + 256 * f.has_nibbles, *bits = pairs + 128 * f.has_pairs;
    if (f.has_bytes) {
        UNROLL for (int j = 0; j < GROUP_WORDS; j++) words[j] = _mm512_load_si512(codes + 64 * j);
        return;
    }
    if (f.has_nibbles) {
        const __m512i mask = _mm512_set1_epi8(15);
        UNROLL for (int j = 0; j < 4; j++) {
            const __m512i both = _mm512_load_si512(codes + 64 * j);
            words[j] = _mm512_and_si512(both, mask);
            words[4 + j] = _mm512_and_si512(_mm512_srli_epi32(both, 4), mask);
        }
    }
    if (f.has_table) {
        const __m512i values = packed_values(format);
        UNROLL for (int j = 0; j < GROUP_WORDS; j++) words[j] = _mm512_shuffle_epi8(values, words[j]);
    }
    if (f.has_pairs) {
        // Bits 2t and 2t + 1 go to bits 4 and 5 above nibbles, otherwise to 0 and 1. 0xf8 is a | (b & c).
        const __m512i mask = _mm512_set1_epi8(f.has_nibbles ? 0x30 : 3);
        UNROLL for (int v = 0; v < 2; v++) {
            const __m512i four = _mm512_load_si512(pairs + 64 * v);
            UNROLL for (int t = 0; t < 4; t++) {
                const int left = (f.has_nibbles ? 4 : 0) - 2 * t;
                const __m512i shifted =
                    left == 0 ? four : left > 0 ? _mm512_slli_epi32(four, (unsigned)left)
                                                : _mm512_srli_epi32(four, (unsigned)-left);
                const int j = 4 * v + t;
                words[j] = f.has_nibbles ? _mm512_ternarylogic_epi32(words[j], shifted, mask, 0xf8)
                                         : _mm512_and_si512(shifted, mask);
            }
        }
    }
    if (f.has_bits) {
        // Bit j goes to bit 4 above nibbles, to bit 2 above pairs.
        const int place = f.has_nibbles ? 4 : 2;
        const __m512i mask = _mm512_set1_epi8((char)(1 << place));
        const __m512i eight = _mm512_load_si512(bits);
        UNROLL for (int j = 0; j < GROUP_WORDS; j++) {
            const int left = place - j;
            const __m512i shifted =
                left == 0 ? eight : left > 0 ? _mm512_slli_epi32(eight, (unsigned)left)
                                             : _mm512_srli_epi32(eight, (unsigned)-left);
            words[j] = _mm512_ternarylogic_epi32(words[j], shifted, mask, 0xf8);
        }
    }
}

SPECIALISED __m512 sixteen_halves(const uint8_t *source) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)source));
}

SPECIALISED __m512 sixteen_bytes(const uint8_t *source) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)source)));
}

SPECIALISED __m512 sixteen_signed_bytes(const uint8_t *source) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)source)));
}

/// `d` and, with its sign changed where it is taken off, `m` of the groups that share them.
struct packed_header {
    __m512 d, m;
};

SPECIALISED struct packed_header load_header(int format, const uint8_t *scales) {
    const struct packed_format f = packed_format(format);
    struct packed_header header = {.m = _mm512_setzero_ps()};
    if (format == HEADSTEER_MXFP4) {
        const __m512i exponents = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)scales));
        const __m512i normal = _mm512_slli_epi32(_mm512_sub_epi32(exponents, _mm512_set1_epi32(1)), 23);
        const __m512i small = _mm512_sllv_epi32(_mm512_set1_epi32(0x00200000), exponents);
        const __mmask16 is_small = _mm512_cmplt_epu32_mask(exponents, _mm512_set1_epi32(2));
        header.d = _mm512_castsi512_ps(_mm512_mask_blend_epi32(is_small, normal, small));
        return header;
    }
    header.d = sixteen_halves(scales);
    if (f.has_offsets) header.m = sixteen_halves(scales + 32);
    if (f.has_offsets && f.groups == 8) header.m = _mm512_xor_ps(header.m, _mm512_set1_ps(-0.0f));
    return header;
}

/// Scales and offsets of the parts of group `g` of those that share a header.
SPECIALISED void load_scales(
    int format, const uint8_t *scales, int g, struct packed_header header, __m512 *part_scales, __m512 *part_offsets) {
    const struct packed_format f = packed_format(format);
    const uint8_t *own = scales + f.header_bytes + (size_t)g * f.scale_bytes;
    UNROLL for (int part = 0; part < f.parts; part++) {
        switch (format) {
        case HEADSTEER_Q4_K:
        case HEADSTEER_Q5_K:
            part_scales[part] = _mm512_mul_ps(header.d, sixteen_bytes(own));
            part_offsets[part] = _mm512_mul_ps(header.m, sixteen_bytes(own + 16));
            break;
        case HEADSTEER_Q2_K: {
            const __m512i both = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(own + 16 * part)));
            const __m512i low = _mm512_and_si512(both, _mm512_set1_epi32(15)), high = _mm512_srli_epi32(both, 4);
            part_scales[part] = _mm512_mul_ps(header.d, _mm512_cvtepi32_ps(low));
            part_offsets[part] = _mm512_mul_ps(header.m, _mm512_cvtepi32_ps(high));
            break;
        }
        case HEADSTEER_Q6_K:
        case HEADSTEER_Q3_K:
        case HEADSTEER_IQ4_XS:
            part_scales[part] = _mm512_mul_ps(header.d, sixteen_signed_bytes(own + 16 * part));
            break;
        default:
            part_scales[part] = header.d;
            part_offsets[part] = header.m;
        }
    }
}

/// A part's exact sum as a float. `high` is 256 times the sum of plane 0 plus that of plane 1; of one plane there is `low` only.
SPECIALISED __m512 part_sum(int planes, __m512i high, __m512i low) {
    if (planes == 1) return _mm512_cvtepi32_ps(low);
    return _mm512_fmadd_ps(_mm512_cvtepi32_ps(high), _mm512_set1_ps(256), _mm512_cvtepi32_ps(low));
}

/// Adds a part of a group to 16 results.
SPECIALISED __m512 add_part(
    int format, int part, __m512 sum, __m512 scale, __m512 offset, const struct headsteer_group *x, __m512 result) {
    const struct packed_format f = packed_format(format);
    result = _mm512_fmadd_ps(sum, _mm512_mul_ps(scale, _mm512_set1_ps(x->scale)), result);
    if (!f.has_offsets) return result;
    return _mm512_fmadd_ps(offset, _mm512_set1_ps(f.parts == 1 ? x->sum : x->half_sums[part]), result);
}

SPECIALISED __mmask16 first_lanes(size_t count) { return (__mmask16)(count < 16 ? (1u << count) - 1 : 0xffff); }

#endif
