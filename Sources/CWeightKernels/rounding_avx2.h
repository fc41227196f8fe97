// Rounding a group of 32 values with AVX2. Included within the target attribute.

#include "rounding.h"

SPECIALISED uint32_t largest_magnitude(const float *x) {
    const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
    __m256i largest = _mm256_setzero_si256();
    UNROLL for (int i = 0; i < GROUP_WEIGHTS; i += 8) {
        const __m256i bits = _mm256_loadu_si256((const __m256i *)(x + i));
        largest = _mm256_max_epu32(largest, _mm256_and_si256(bits, magnitude));
    }
    __m128i four = _mm_max_epu32(_mm256_castsi256_si128(largest), _mm256_extracti128_si256(largest, 1));
    four = _mm_max_epu32(four, _mm_unpackhi_epi64(four, four));
    return (uint32_t)_mm_cvtsi128_si32(_mm_max_epu32(four, _mm_shuffle_epi32(four, 1)));
}

/// Whole numbers, 8 to a vector.
SPECIALISED void whole_numbers(const float *x, float factor, __m256i *numbers) {
    UNROLL for (int v = 0; v < 4; v++) {
        numbers[v] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + 8 * v), _mm256_set1_ps(factor)));
    }
}

/// The sums of the codes of four columns each.
SPECIALISED __m256i sums_of_codes(__m256i codes) {
    return _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_set1_epi8(1), codes), _mm256_set1_epi16(1));
}

/// The sums of each half of two vectors: of `a` in lanes 0 and 1, of `b` in lanes 2 and 3.
SPECIALISED four_integers sums_of_halves(__m256i a, __m256i b) {
    const __m256i pairs = _mm256_hadd_epi32(a, b), sums = _mm256_hadd_epi32(pairs, pairs);
    return (four_integers)_mm_unpacklo_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
}

SPECIALISED four_integers round_in_one_plane(const float *x, float factor, int8_t *codes) {
    __m256i numbers[4];
    whole_numbers(x, factor, numbers);
    // Packing leaves words of four columns in the order 0 2 4 6 1 3 5 7.
    const __m256i packed =
        _mm256_packs_epi16(_mm256_packs_epi32(numbers[0], numbers[1]), _mm256_packs_epi32(numbers[2], numbers[3]));
    const __m256i plane = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256((__m256i *)codes, plane);
    return sums_of_halves(_mm256_setzero_si256(), sums_of_codes(plane));
}

SPECIALISED four_integers round_in_three_planes(const float *x, float factor, int8_t *codes) {
    __m256i numbers[4];
    whole_numbers(x, factor, numbers);
    // A number plus 128 in every plane has the planes, plus 128 each, in its bytes, the last plane lowest. Of four numbers the bytes
    // of a plane become a word.
    const __m256i offset = _mm256_set1_epi32(0x808080);
    const __m256i by_plane = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(2, 6, 10, 14, 1, 5, 9, 13, 0, 4, 8, 12, 3, 7, 11, 15));
    UNROLL for (int v = 0; v < 4; v++) {
        const __m256i bytes = _mm256_xor_si256(_mm256_add_epi32(numbers[v], offset), offset);
        numbers[v] = _mm256_shuffle_epi8(bytes, by_plane);
    }
    const __m256i first = _mm256_unpacklo_epi32(numbers[0], numbers[1]);
    const __m256i second = _mm256_unpacklo_epi32(numbers[2], numbers[3]);
    const __m256i last = _mm256_unpacklo_epi64(
        _mm256_unpackhi_epi32(numbers[0], numbers[1]), _mm256_unpackhi_epi32(numbers[2], numbers[3]));
    const __m256i planes[3] = {_mm256_unpacklo_epi64(first, second), _mm256_unpackhi_epi64(first, second), last};
    __m256i sums[3];
    UNROLL for (int p = 0; p < 3; p++) {
        const __m256i plane = _mm256_permutevar8x32_epi32(planes[p], _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)(codes + GROUP_WEIGHTS * p), plane);
        sums[p] = sums_of_codes(plane);
    }
    return sums_of_halves(_mm256_add_epi32(_mm256_slli_epi32(sums[0], 8), sums[1]), sums[2]);
}
