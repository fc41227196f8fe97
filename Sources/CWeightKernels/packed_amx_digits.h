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

/// A byte divided by 16, rounded down.
SPECIALISED __m256i high_half(__m256i x) {
    const __m256i eight = _mm256_set1_epi8(8);
    const __m256i half = _mm256_and_si256(_mm256_srli_epi16(x, 4), _mm256_set1_epi8(15));
    return _mm256_sub_epi8(_mm256_xor_si256(half, eight), eight);
}

/// A group of one vector, whose numbers become 4096 * (16a + b) + 16c + d. For 32 columns a and b go to `high`, c and d to `low`.
SPECIALISED void split_digits(const int8_t *planes, int8_t *high, int8_t *low) {
    const __m256i top = _mm256_loadu_si256((const __m256i *)planes);
    const __m256i middle = _mm256_loadu_si256((const __m256i *)(planes + 32));
    const __m256i bottom = _mm256_loadu_si256((const __m256i *)(planes + 64));
    const __m256i zero = _mm256_setzero_si256(), fifteen = _mm256_set1_epi8(15);
    // The number is 65536 * top + 16 * sum + d, where sum = 16 * middle + bottom / 16 = 256 * carry + c. A sum's upper half byte is
    // that of the middle, or one more where c is negative although the middle's low half, the upper one of c, begins with 1.
    const __m256i middle_left = _mm256_and_si256(_mm256_slli_epi16(middle, 4), _mm256_set1_epi8((char)0xf0));
    const __m256i c = _mm256_add_epi8(middle_left, high_half(bottom));
    const __m256i is_more = _mm256_cmpgt_epi8(zero, _mm256_and_si256(c, middle_left));
    const __m256i carry = _mm256_sub_epi8(high_half(middle), is_more);
    _mm256_store_si256((__m256i *)high, _mm256_add_epi8(top, _mm256_cmpgt_epi8(zero, carry)));
    _mm256_store_si256((__m256i *)(high + 32), _mm256_and_si256(carry, fifteen));
    _mm256_store_si256((__m256i *)low, c);
    _mm256_store_si256((__m256i *)(low + 32), _mm256_and_si256(bottom, fifteen));
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
