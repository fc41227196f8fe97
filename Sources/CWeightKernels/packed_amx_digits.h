// Vectors in three planes as two pairs of digits. Included by packed_amx.c.

#ifndef HEADSTEER_PACKED_AMX_DIGITS_H
#define HEADSTEER_PACKED_AMX_DIGITS_H

#include "packed_avx512.h"

/// Where codes have 4 bits, a code times 16 is a byte as well. So a product with the bytes (a, b) of x and the bytes (16 code,
/// code) takes 12 bits of x at once, 16a + b, and two of them take 24: two full products of tiles in place of three half empty
/// ones. Sums are below 2^24 with planes too, so that both ways round once, to the same bits.
SPECIALISED int takes_digits(int format) {
    return format == HEADSTEER_Q4_0 || format == HEADSTEER_Q4_1 || format == HEADSTEER_Q4_K;
}

/// A group of one vector: its number is 4096 * (16a + b) + 16c + d. For 32 columns a and b go to `high`, c and d to `low`.
SPECIALISED void split_digits(const int8_t *planes, int8_t *high, int8_t *low) {
    const __m512i top = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)planes));
    const __m512i middle = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(planes + 32)));
    const __m512i bottom = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(planes + 64)));
    const __m512i fifteen = _mm512_set1_epi16(15);
    // The number is 65536 * top + 16 * sum + d, and the sum is 256 * carry + c.
    const __m512i sum = _mm512_add_epi16(_mm512_slli_epi16(middle, 4), _mm512_srai_epi16(bottom, 4));
    const __m512i carry = _mm512_srai_epi16(_mm512_add_epi16(sum, _mm512_set1_epi16(128)), 8);
    const __m512i a = _mm512_add_epi16(top, _mm512_srai_epi16(carry, 4));
    _mm256_store_si256((__m256i *)high, _mm512_cvtepi16_epi8(a));
    _mm256_store_si256((__m256i *)(high + 32), _mm512_cvtepi16_epi8(_mm512_and_si512(carry, fifteen)));
    _mm256_store_si256((__m256i *)low, _mm512_cvtepi16_epi8(sum));
    _mm256_store_si256((__m256i *)(low + 32), _mm512_cvtepi16_epi8(_mm512_and_si512(bottom, fifteen)));
}

/// `count` groups of up to 16 vectors, in tiles of 16 rows of 64 bytes: of each group the high digits, then the low ones.
SPECIALISED void gather_digits(const int8_t *x, size_t stride, size_t width, size_t count, int8_t *out) {
    for (size_t g = 0; g < count; g++) {
        for (size_t b = 0; b < width; b++) {
            int8_t *high = out + 2048 * g + 64 * b;
            split_digits(x + b * stride + 96 * g, high, high + 1024);
        }
    }
}

#endif
