// What the kernels of packed weights with vectors of 32 bytes share. Included by files with the target attribute set.

#define LANES 8
#include "packed_vectors.h"

#define HAS_SIGNED_CODES 0

SPECIALISED lanes look_up(const uint8_t *table, lanes places) {
    const __m256i values = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
    return (lanes)_mm256_shuffle_epi8(values, (__m256i)places);
}

SPECIALISED floats load_halves(const uint8_t *source) {
    return (floats)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)source));
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
