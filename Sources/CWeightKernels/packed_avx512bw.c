// Products of packed weights with AVX-512 without VNNI: as with AVX2, in vectors of 64 bytes.

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)

#define LANES 16
#include "packed_vectors.h"

#define HAS_SIGNED_CODES 0

SPECIALISED lanes look_up(const uint8_t *table, lanes places) {
    const __m512i values = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)table));
    return (lanes)_mm512_shuffle_epi8(values, (__m512i)places);
}

SPECIALISED floats load_halves(const uint8_t *source) {
    return (floats)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)source));
}

#include "packed_groups.h"

typedef const int8_t *plane;

SPECIALISED plane load_plane(const int8_t *codes) { return codes; }

/// Word j of a plane in every lane.
SPECIALISED lanes plane_word(plane x, int j) {
    int32_t word;
    memcpy(&word, x + 4 * j, sizeof word);
    return all_lanes(word);
}

SPECIALISED lanes pair_products(lanes codes, lanes x) { return (lanes)_mm512_maddubs_epi16((__m512i)codes, (__m512i)x); }
SPECIALISED lanes add_pairs(lanes a, lanes b) { return (lanes)_mm512_add_epi16((__m512i)a, (__m512i)b); }
SPECIALISED lanes sum_pairs(lanes pairs, int16_t factor) {
    return (lanes)_mm512_madd_epi16((__m512i)pairs, _mm512_set1_epi16(factor));
}

#include "packed_pair_sums.h"

#define PANELS_DOT headsteer_avx512_panels_dot
#include "packed_products.h"

#pragma clang attribute pop

#endif
