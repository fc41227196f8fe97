// Products of packed weights with AVX2: `vpmaddubsw` multiplies codes by bytes of a vector and adds pairs of products in 16 bits,
// where the sums of several words are added up as long as they fit.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "packed_avx2.h"

/// Codes of 8 bits are taken in halves, whose sums are apart: two products of a whole one wouldn't fit.
struct sum {
    __m256i whole, inner, inner_high;
};

SPECIALISED struct sum begin_sum(lanes first) { return (struct sum){.whole = (__m256i)first}; }

SPECIALISED lanes whole_sum(struct sum sum) { return (lanes)sum.whole; }

/// A word adds two products of at most 2^bits - 1 and 128 to an inner sum of 16 bits.
SPECIALISED int step_words(int bits) { return bits == 6 ? 2 : bits == 5 ? 4 : 8; }

SPECIALISED void add_word(int bits, int step, int i, lanes word, plane x, int j, struct sum *sum) {
    const __m256i low = bits == 8 ? (__m256i)(word & 0x0f0f0f0f) : (__m256i)word;
    const __m256i x_word = plane_word(x, j), products = _mm256_maddubs_epi16(low, x_word);
    const int is_first = i % step == 0, is_last = i % step == step - 1;
    sum->inner = is_first ? products : _mm256_add_epi16(sum->inner, products);
    if (is_last) sum->whole = _mm256_add_epi32(sum->whole, _mm256_madd_epi16(sum->inner, _mm256_set1_epi16(1)));
    if (bits < 8) return;
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16((__m256i)word, 4), _mm256_set1_epi8(15));
    const __m256i high_products = _mm256_maddubs_epi16(high, x_word);
    sum->inner_high = is_first ? high_products : _mm256_add_epi16(sum->inner_high, high_products);
    if (is_last) sum->whole = _mm256_add_epi32(sum->whole, _mm256_madd_epi16(sum->inner_high, _mm256_set1_epi16(16)));
}

#define PANELS_DOT headsteer_avx2_panels_dot
#include "packed_template.h"

#pragma clang attribute pop

#endif
