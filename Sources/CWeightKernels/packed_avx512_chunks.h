// What products with many vectors share on AVX-512: a panel's groups are unpacked once, a chunk at a time, and what each vector's
// groups are scaled by is gathered. Included by files with the target attribute set.

#ifndef HEADSTEER_PACKED_AVX512_CHUNKS_H
#define HEADSTEER_PACKED_AVX512_CHUNKS_H

#include "packed_avx512.h"

/// Bytes of scales and offsets behind the codes of an unpacked group.
SPECIALISED size_t unpacked_scale_bytes(struct packed_format f) {
    return 64 * (size_t)f.parts * (size_t)(1 + f.has_offsets);
}

/// What the codes of an unpacked group are.
enum unpacked_codes {
    /// The 8 words as they are, in 512 bytes.
    UNPACKED_UNSIGNED,
    /// The same less 2^zero_bits.
    UNPACKED_SIGNED,
    /// The 8 words less 2^zero_bits times 16, then the same not multiplied: 1024 bytes.
    UNPACKED_TWICE,
};

/// Groups `first` to `first + count` of a panel: codes, scales and offsets of each. Format and kind of codes are constants.
SPECIALISED void unpack_chunk(
    int format, enum unpacked_codes kind, const uint8_t *panel, size_t n, size_t first, size_t count, uint8_t *out) {
    const struct packed_format f = packed_format(format);
    const size_t code_bytes = packed_code_bytes(f), out_bytes = kind == UNPACKED_TWICE ? 1024 : 512;
    const uint8_t *codes = panel + first * code_bytes;
    const uint8_t *scales = panel + n / GROUP_WEIGHTS * code_bytes + first / (size_t)f.groups * packed_scale_bytes(f);
    const int is_signed = kind != UNPACKED_UNSIGNED && f.zero_bits >= 0;
    const __m512i zero = _mm512_set1_epi8((char)(is_signed ? 1 << f.zero_bits : 0));
    for (size_t g = 0; g < count; scales += packed_scale_bytes(f)) {
        const struct packed_header header = load_header(format, scales);
        for (int own = 0; own < f.groups; own++, g++, codes += code_bytes) {
            __m512i words[GROUP_WORDS];
            __m512 part_scales[2], part_offsets[2];
            unpack_words(format, codes, words);
            load_scales(format, scales, own, header, part_scales, part_offsets);
            UNROLL for (int j = 0; j < GROUP_WORDS; j++) {
                const __m512i word = is_signed ? _mm512_sub_epi8(words[j], zero) : words[j];
                if (kind == UNPACKED_TWICE) {
                    // The low half of a code's byte becomes the high half.
                    const __m512i sixteen_fold =
                        _mm512_and_si512(_mm512_slli_epi32(word, 4), _mm512_set1_epi8((char)0xf0));
                    _mm512_store_si512(out + 64 * j, sixteen_fold);
                }
                _mm512_store_si512(out + out_bytes - 512 + 64 * j, word);
            }
            out += out_bytes;
            UNROLL for (int part = 0; part < f.parts; part++) {
                _mm512_store_ps(out + 64 * part, part_scales[part]);
                if (f.has_offsets) _mm512_store_ps(out + 64 * (f.parts + part), part_offsets[part]);
            }
            out += unpacked_scale_bytes(f);
        }
    }
}

/// What a group's products of up to 16 vectors are multiplied by: 16 scales, then for each part, where the format has offsets, 16
/// sums. Vectors that are missing get zeros.
SPECIALISED size_t factor_count(struct packed_format f) { return 16 * (size_t)(1 + f.parts * f.has_offsets); }

SPECIALISED void gather_factors(
    struct packed_format f, const struct headsteer_group *x, size_t vector_groups, size_t width, size_t count, float *out) {
    for (size_t g = 0; g < count; g++) {
        for (size_t b = 0; b < 16; b++) {
            float *factors = out + g * factor_count(f) + b;
            const struct headsteer_group *group = x + (b < width ? b : 0) * vector_groups + g;
            factors[0] = b < width ? group->scale : 0;
            if (!f.has_offsets) continue;
            for (int part = 0; part < f.parts; part++) {
                const float sum = f.parts == 1 ? group->sum : group->half_sums[part];
                factors[16 * (1 + part)] = b < width ? sum : 0;
            }
        }
    }
}

#endif
