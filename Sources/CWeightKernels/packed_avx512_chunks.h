// What products with many vectors share on AVX-512: a panel's groups are unpacked once, a chunk at a time, and what each vector's
// groups are scaled by is gathered. Included by files with the target attribute set.

#ifndef HEADSTEER_PACKED_AVX512_CHUNKS_H
#define HEADSTEER_PACKED_AVX512_CHUNKS_H

#include "packed_avx512.h"

/// What the codes of an unpacked part are.
enum unpacked_codes {
    /// The words as they are.
    UNPACKED_UNSIGNED,
    /// The same less 2^zero_bits.
    UNPACKED_SIGNED,
    /// The words less 2^zero_bits times 16, then the same not multiplied.
    UNPACKED_TWICE,
};

/// The bytes of an unpacked part: codes, 16 scales and, with offsets, 16 offsets.
SPECIALISED size_t unpacked_part_bytes(enum unpacked_codes kind, int parts, int has_offsets) {
    const size_t code_bytes = kind == UNPACKED_TWICE ? 1024 : 512;
    return code_bytes / (size_t)parts + 64 * (size_t)(1 + has_offsets);
}

/// The parts of groups `first` to `first + count` of a panel. Format and kind of codes are constants.
SPECIALISED void unpack_chunk(
    int format, enum unpacked_codes kind, const uint8_t *panel, size_t n, size_t first, size_t count, uint8_t *out) {
    const struct packed_format f = packed_format(format);
    const size_t code_bytes = packed_code_bytes(f);
    const uint8_t *codes = panel + first * code_bytes;
    const uint8_t *scales = panel + n / GROUP_WEIGHTS * code_bytes + first / (size_t)f.groups * packed_scale_bytes(f);
    const int is_signed = kind != UNPACKED_UNSIGNED && f.zero_bits >= 0, part_words = GROUP_WORDS / f.parts;
    const __m512i zero = _mm512_set1_epi8((char)(is_signed ? 1 << f.zero_bits : 0));
    for (size_t g = 0; g < count; scales += packed_scale_bytes(f)) {
        const struct packed_header header = load_header(format, scales);
        for (int own = 0; own < f.groups; own++, g++, codes += code_bytes) {
            __m512i words[GROUP_WORDS];
            __m512 part_scales[2], part_offsets[2];
            unpack_words(format, codes, words);
            load_scales(format, scales, own, header, part_scales, part_offsets);
            UNROLL for (int part = 0; part < f.parts; part++) {
                UNROLL for (int j = 0; j < part_words; j++) {
                    const __m512i plain = words[part * part_words + j];
                    const __m512i word = is_signed ? _mm512_sub_epi8(plain, zero) : plain;
                    if (kind == UNPACKED_TWICE) {
                        // The low half of a code's byte becomes the high half.
                        const __m512i high_halves = _mm512_set1_epi8((char)0xf0);
                        _mm512_store_si512(out + 64 * j, _mm512_and_si512(_mm512_slli_epi32(word, 4), high_halves));
                    }
                    _mm512_store_si512(out + 64 * (kind == UNPACKED_TWICE ? part_words + j : j), word);
                }
                out += unpacked_part_bytes(kind, f.parts, 0);
                _mm512_store_ps(out - 64, part_scales[part]);
                if (!f.has_offsets) continue;
                _mm512_store_ps(out, part_offsets[part]);
                out += 64;
            }
        }
    }
}

/// What the products of up to 16 vectors with a part are multiplied by: 16 scales and, where the format has offsets, 16 sums.
/// Vectors that are missing get zeros.
SPECIALISED size_t factor_count(struct packed_format f) { return 16 * (size_t)(1 + f.has_offsets); }

SPECIALISED void gather_factors(
    struct packed_format f, const struct headsteer_group *x, size_t vector_groups, size_t width, size_t count, float *out) {
    const size_t stride = factor_count(f);
    if (width < 16) memset(out, 0, count * (size_t)f.parts * stride * sizeof *out);
    // Vector by vector: groups are read in their order, what is written stays in the first-level cache.
    for (size_t b = 0; b < width; b++, x += vector_groups) {
        float *target = out + b;
        for (size_t g = 0; g < count; g++) {
            for (int part = 0; part < f.parts; part++, target += stride) {
                target[0] = x[g].scale;
                if (f.has_offsets) target[16] = f.parts == 1 ? x[g].sum : x[g].half_sums[part];
            }
        }
    }
}

#endif
