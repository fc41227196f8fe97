// Products of packed weights with many vectors on AVX-512 VNNI. Two panels are unpacked at a time, a chunk of groups for all vectors;
// so a vector's bytes are read once for 32 rows, and sums of several vectors hide each other's latency.

#if defined(__x86_64__)

#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)

#include "packed_avx512_chunks.h"

// MARK: - Chunks

/// Registers hold the sums of so many panels and vectors in three planes.
enum { PANELS = 2, MOST_WIDTH = 4 };

/// What formats differ in once they are unpacked. Formats without offsets have a zero point.
struct chunk_work {
    int planes, parts, has_offsets;
};

/// Two panels' chunks, and a few vectors.
struct chunk_operands {
    const uint8_t *chunks[PANELS];
    size_t count;
    int zero_bits;
    /// The chunk's bytes and groups of the first vector, and how far the next vector's are.
    const int8_t *codes;
    const struct headsteer_group *groups;
    size_t codes_stride, groups_stride;
    int is_first;
    float *y;
    size_t y_stride;
    __mmask16 rows[PANELS];
};

SPECIALISED __m512i four_codes(const int8_t *codes) {
    int32_t word;
    memcpy(&word, codes, sizeof word);
    return _mm512_set1_epi32(word);
}

/// What sums begin with, so that codes stand for themselves less 2^zero_bits.
SPECIALISED __m512i first_sum(struct chunk_work work, int32_t minus_sum, __m128i zero_bits) {
    return work.has_offsets ? _mm512_setzero_si512() : _mm512_sll_epi32(_mm512_set1_epi32(minus_sum), zero_bits);
}

/// Adds part `part` of group `g` to the results.
SPECIALISED void add_part_of_vectors(
    struct chunk_work work, int width, const struct chunk_operands *o, size_t g, int part, __m128i zero_bits,
    __m512 (*results)[PANELS]) {
    const int planes = work.planes, words = GROUP_WORDS / work.parts;
    const size_t part_bytes = unpacked_part_bytes(UNPACKED_UNSIGNED, work.parts, work.has_offsets);
    const size_t place = (g * (size_t)work.parts + (size_t)part) * part_bytes;
    const int8_t *codes = o->codes + g * (size_t)planes * GROUP_WEIGHTS + GROUP_WEIGHTS / work.parts * part;
    __m512i sums[MOST_WIDTH][HIGHEST_PLANES][PANELS];
    UNROLL for (int b = 0; b < width; b++) {
        const struct headsteer_group *x = o->groups + (size_t)b * o->groups_stride + g;
        const __m512i low = first_sum(work, work.parts == 1 ? x->minus_low : x->half_minus_low[part], zero_bits);
        const __m512i high = first_sum(work, work.parts == 1 ? x->minus_high : x->half_minus_high[part], zero_bits);
        UNROLL for (int k = 0; k < PANELS; k++) {
            sums[b][0][k] = _mm512_setzero_si512();
            if (planes == 3) sums[b][1][k] = high;
            sums[b][planes - 1][k] = low;
        }
    }
    UNROLL for (int j = 0; j < words; j++) {
        __m512i word[PANELS];
        UNROLL for (int k = 0; k < PANELS; k++) word[k] = _mm512_load_si512(o->chunks[k] + place + 64 * (size_t)j);
        UNROLL for (int b = 0; b < width; b++) {
            UNROLL for (int p = 0; p < planes; p++) {
                const __m512i x = four_codes(codes + (size_t)b * o->codes_stride + GROUP_WEIGHTS * p + 4 * j);
                UNROLL for (int k = 0; k < PANELS; k++) {
                    sums[b][p][k] = _mm512_dpbusd_epi32(sums[b][p][k], word[k], x);
                }
            }
        }
    }
    UNROLL for (int k = 0; k < PANELS; k++) {
        const float *scales = (const float *)(o->chunks[k] + place + 64 * words);
        const __m512 scale = _mm512_load_ps(scales);
        const __m512 offset = work.has_offsets ? _mm512_load_ps(scales + 16) : _mm512_setzero_ps();
        UNROLL for (int b = 0; b < width; b++) {
            const struct headsteer_group *x = o->groups + (size_t)b * o->groups_stride + g;
            const __m512i high =
                planes == 1 ? sums[b][0][k] : _mm512_add_epi32(_mm512_slli_epi32(sums[b][0][k], 8), sums[b][1][k]);
            const __m512 sum = part_sum(planes, high, sums[b][planes - 1][k]);
            results[b][k] = _mm512_fmadd_ps(sum, _mm512_mul_ps(scale, _mm512_set1_ps(x->scale)), results[b][k]);
            if (work.has_offsets) {
                const __m512 x_sum = _mm512_set1_ps(work.parts == 1 ? x->sum : x->half_sums[part]);
                results[b][k] = _mm512_fmadd_ps(offset, x_sum, results[b][k]);
            }
        }
    }
}

/// Between chunks the results lie in `y`.
SPECIALISED void chunk_times_vectors(struct chunk_work work, int width, const struct chunk_operands *operands) {
    const struct chunk_operands o = *operands;
    const __m128i zero_bits = _mm_cvtsi32_si128(o.zero_bits);
    __m512 results[MOST_WIDTH][PANELS];
    UNROLL for (int b = 0; b < width; b++) {
        UNROLL for (int k = 0; k < PANELS; k++) {
            const float *place = o.y + (size_t)b * o.y_stride + PANEL_OUTPUTS * k;
            results[b][k] = _mm512_maskz_loadu_ps(o.is_first ? 0 : o.rows[k], place);
        }
    }
    for (size_t g = 0; g < o.count; g++) {
        UNROLL for (int part = 0; part < work.parts; part++) {
            add_part_of_vectors(work, width, &o, g, part, zero_bits, results);
        }
    }
    UNROLL for (int b = 0; b < width; b++) {
        UNROLL for (int k = 0; k < PANELS; k++) {
            _mm512_mask_storeu_ps(o.y + (size_t)b * o.y_stride + PANEL_OUTPUTS * k, o.rows[k], results[b][k]);
        }
    }
}

#define FOR_EACH_WORK(CASE)                                                                                           \
    CASE(1, 1, 0, 4) CASE(1, 1, 1, 4) CASE(1, 2, 0, 4) CASE(1, 2, 1, 4)                                               \
    CASE(1, 1, 0, 1) CASE(1, 1, 1, 1) CASE(1, 2, 0, 1) CASE(1, 2, 1, 1)                                               \
    CASE(3, 1, 0, 4) CASE(3, 1, 1, 4) CASE(3, 2, 0, 4) CASE(3, 2, 1, 4)                                               \
    CASE(3, 1, 0, 1) CASE(3, 1, 1, 1) CASE(3, 2, 0, 1) CASE(3, 2, 1, 1)

#define DEFINE_FOR_WORK(PLANES, PARTS, HAS_OFFSETS, COUNT)                                                            \
    static __attribute__((noinline)) void chunk_##PLANES##_##PARTS##_##HAS_OFFSETS##_##COUNT(                         \
        const struct chunk_operands *operands) {                                                                      \
        chunk_times_vectors((struct chunk_work){PLANES, PARTS, HAS_OFFSETS}, COUNT, operands);                        \
    }
FOR_EACH_WORK(DEFINE_FOR_WORK)
#undef DEFINE_FOR_WORK

typedef void chunk_function(const struct chunk_operands *operands);

static chunk_function *chunk_function_for(struct chunk_work work, size_t width) {
#define CASE(PLANES, PARTS, HAS_OFFSETS, COUNT)                                                                       \
    if (work.planes == PLANES && work.parts == PARTS && work.has_offsets == HAS_OFFSETS && width == COUNT)            \
        return chunk_##PLANES##_##PARTS##_##HAS_OFFSETS##_##COUNT;
    FOR_EACH_WORK(CASE)
#undef CASE
    __builtin_trap();
}

// MARK: - Formats

#define DEFINE_FOR_FORMAT(FORMAT)                                                                                     \
    static __attribute__((noinline)) void unpack_##FORMAT(                                                            \
        const uint8_t *panel, size_t n, size_t first, size_t count, uint8_t *out) {                                   \
        unpack_chunk(FORMAT, UNPACKED_UNSIGNED, panel, n, first, count, out);                                         \
    }
FOR_EACH_PACKED_FORMAT(DEFINE_FOR_FORMAT)
#undef DEFINE_FOR_FORMAT

typedef void unpack_function(const uint8_t *panel, size_t n, size_t first, size_t count, uint8_t *out);

static unpack_function *unpack_function_for(int format) {
    switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT: return unpack_##FORMAT;
        FOR_EACH_PACKED_FORMAT(CASE)
#undef CASE
    default: __builtin_trap();
    }
}

// MARK: - Products

enum {
    /// Groups that are unpacked at once: two panels' stay in the first-level cache.
    CHUNK_GROUPS = 16,
    CHUNK_BYTES = CHUNK_GROUPS * (512 + 256),
};

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

void headsteer_avx512vnni_many_panels_dot(
    int format, const void *panels, size_t row_count, size_t n, struct headsteer_rounded x, size_t batch, float *y,
    size_t y_stride, void *scratch) {
    const struct packed_format f = packed_format(format);
    const struct chunk_work work = {x.planes, f.parts, f.has_offsets};
    const size_t panel_bytes = packed_panel_bytes(f, n), groups = n / GROUP_WEIGHTS;
    unpack_function *const unpack = unpack_function_for(format);
    chunk_function *const four = chunk_function_for(work, 4), *const one = chunk_function_for(work, 1);
    uint8_t *const chunk = scratch;
    for (size_t r = 0; r < row_count; r += PANELS * PANEL_OUTPUTS) {
        const uint8_t *panel = (const uint8_t *)panels + r / PANEL_OUTPUTS * panel_bytes;
        // A second panel that is missing is the first one again, whose results are dropped.
        const int has_second = row_count - r > PANEL_OUTPUTS;
        for (size_t first = 0; first < groups; first += CHUNK_GROUPS) {
            const size_t count = smaller(groups - first, CHUNK_GROUPS);
            unpack(panel, n, first, count, chunk);
            unpack(panel + (has_second ? panel_bytes : 0), n, first, count, chunk + CHUNK_BYTES);
            for (size_t b = 0, width; b < batch; b += width) {
                const struct packed_vector vector = packed_vector(x, n, b);
                width = batch - b >= MOST_WIDTH ? MOST_WIDTH : 1;
                (width == MOST_WIDTH ? four : one)(&(struct chunk_operands){
                    .chunks = {chunk, chunk + CHUNK_BYTES},
                    .count = count,
                    .zero_bits = f.zero_bits,
                    .codes = vector.codes + first * GROUP_WEIGHTS * (size_t)x.planes,
                    .groups = vector.groups + first,
                    .codes_stride = n * (size_t)x.planes,
                    .groups_stride = groups,
                    .is_first = first == 0,
                    .y = y + b * y_stride + r,
                    .y_stride = y_stride,
                    .rows = {first_lanes(row_count - r), has_second ? first_lanes(row_count - r - PANEL_OUTPUTS) : 0},
                });
            }
        }
    }
}

#pragma clang attribute pop

#endif
