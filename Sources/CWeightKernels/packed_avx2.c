// Products of packed weights with AVX2.

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "packed_avx2.h"

SPECIALISED lanes pair_products(lanes codes, lanes x) { return (lanes)_mm256_maddubs_epi16((__m256i)codes, (__m256i)x); }
SPECIALISED lanes add_pairs(lanes a, lanes b) { return (lanes)_mm256_add_epi16((__m256i)a, (__m256i)b); }
SPECIALISED lanes sum_pairs(lanes pairs, int16_t factor) {
    return (lanes)_mm256_madd_epi16((__m256i)pairs, _mm256_set1_epi16(factor));
}

#include "packed_pair_sums.h"

#define PANELS_DOT headsteer_avx2_panels_dot
#include "packed_products.h"

#pragma clang attribute pop

#endif
