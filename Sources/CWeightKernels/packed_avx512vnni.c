// Products of packed weights with AVX-512 VNNI: `vpdpbusd` multiplies four codes of each of 16 rows by the same four bytes of a
// vector and adds them to the row's 32-bit sum.

#if defined(__x86_64__)

#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)

#include "packed_avx512.h"

SPECIALISED __m512i four_codes(const int8_t *codes) {
    int32_t word;
    memcpy(&word, codes, sizeof word);
    return _mm512_set1_epi32(word);
}

/// What a sum begins with, so that codes stand for themselves less 2^zero_bits.
SPECIALISED __m512i first_sum(int zero_bits, int32_t minus_sum) {
    if (zero_bits < 0) return _mm512_setzero_si512();
    return _mm512_slli_epi32(_mm512_set1_epi32(minus_sum), (unsigned)(zero_bits < 0 ? 0 : zero_bits));
}

/// Adds a group of 16 rows, whose words are at hand, to the results of one vector.
SPECIALISED __m512 add_group(
    int format, int planes, const __m512i *words, const __m512 *scales, const __m512 *offsets, const int8_t *codes,
    const struct headsteer_group *group, __m512 result) {
    const struct packed_format f = packed_format(format);
    UNROLL for (int part = 0; part < f.parts; part++) {
        __m512i sums[HIGHEST_PLANES];
        UNROLL for (int p = 0; p < planes; p++) sums[p] = _mm512_setzero_si512();
        sums[planes - 1] = first_sum(f.zero_bits, f.parts == 1 ? group->minus_low : group->half_minus_low[part]);
        if (planes == 3) {
            sums[1] = first_sum(f.zero_bits, f.parts == 1 ? group->minus_high : group->half_minus_high[part]);
        }
        const int size = GROUP_WORDS / f.parts;
        UNROLL for (int j = part * size; j < (part + 1) * size; j++) {
            UNROLL for (int p = 0; p < planes; p++) {
                sums[p] = _mm512_dpbusd_epi32(sums[p], words[j], four_codes(codes + GROUP_WEIGHTS * p + 4 * j));
            }
        }
        const __m512i high = planes == 1 ? sums[0] : _mm512_add_epi32(_mm512_slli_epi32(sums[0], 8), sums[1]);
        const __m512 sum = part_sum(planes, high, sums[planes - 1]);
        result = add_part(format, part, sum, scales[part], offsets[part], group, result);
    }
    return result;
}

// MARK: - Few vectors

/// A panel times `width` vectors, b to b + width. Format, planes and width are constants.
SPECIALISED void panel_times_vectors(
    int format, int planes, int width, const uint8_t *panel, size_t count, size_t n, const int8_t *x_codes,
    const struct headsteer_group *x_groups, float *y, size_t y_stride) {
    const struct packed_format f = packed_format(format);
    const size_t groups = n / GROUP_WEIGHTS, code_bytes = packed_code_bytes(f);
    const uint8_t *codes = panel, *scales = panel + groups * code_bytes;
    __m512 results[4];
    UNROLL for (int b = 0; b < width; b++) results[b] = _mm512_setzero_ps();
    for (size_t g = 0; g < groups; scales += packed_scale_bytes(f)) {
        const struct packed_header header = load_header(format, scales);
        for (int own = 0; own < f.groups; own++, g++, codes += code_bytes) {
            prefetch_ahead(f, panel, groups, g);
            __m512i words[GROUP_WORDS];
            __m512 part_scales[2], part_offsets[2];
            unpack_words(format, codes, words);
            load_scales(format, scales, own, header, part_scales, part_offsets);
            UNROLL for (int b = 0; b < width; b++) {
                const size_t place = (size_t)b * groups + g;
                results[b] = add_group(
                    format, planes, words, part_scales, part_offsets,
                    x_codes + place * (size_t)planes * GROUP_WEIGHTS, x_groups + place, results[b]);
            }
        }
    }
    UNROLL for (int b = 0; b < width; b++) {
        _mm512_mask_storeu_ps(y + (size_t)b * y_stride, first_lanes(count), results[b]);
    }
}

#define DEFINE_FOR_WIDTH(FORMAT, PLANES, WIDTH)                                                                       \
    static __attribute__((noinline)) void panel_##FORMAT##_##PLANES##_##WIDTH(                                        \
        const uint8_t *panel, size_t count, size_t n, const int8_t *x_codes, const struct headsteer_group *x_groups,  \
        float *y, size_t y_stride) {                                                                                  \
        panel_times_vectors(FORMAT, PLANES, WIDTH, panel, count, n, x_codes, x_groups, y, y_stride);                  \
    }
#define DEFINE_FOR_FORMAT(FORMAT)                                                                                     \
    DEFINE_FOR_WIDTH(FORMAT, 1, 1)                                                                                    \
    DEFINE_FOR_WIDTH(FORMAT, 1, 4)                                                                                    \
    DEFINE_FOR_WIDTH(FORMAT, 3, 1)                                                                                    \
    DEFINE_FOR_WIDTH(FORMAT, 3, 4)
FOR_EACH_PACKED_FORMAT(DEFINE_FOR_FORMAT)
#undef DEFINE_FOR_FORMAT
#undef DEFINE_FOR_WIDTH

typedef void panel_function(
    const uint8_t *panel, size_t count, size_t n, const int8_t *x_codes, const struct headsteer_group *x_groups, float *y,
    size_t y_stride);

static panel_function *function_for(int format, int planes, int width) {
    switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT:                                                                                                      \
        return planes == 1 ? (width == 1 ? panel_##FORMAT##_1_1 : panel_##FORMAT##_1_4)                               \
                           : (width == 1 ? panel_##FORMAT##_3_1 : panel_##FORMAT##_3_4);
        FOR_EACH_PACKED_FORMAT(CASE)
#undef CASE
    default: __builtin_trap();
    }
}

/// From here on unpacking once for all vectors pays.
enum { MANY_VECTORS = 8 };

void headsteer_avx512vnni_panels_dot(
    int format, const void *panels, size_t row_count, size_t n, struct headsteer_rounded x, size_t batch, float *y,
    size_t y_stride, void *scratch) {
    const size_t panel_bytes = headsteer_panel_bytes(format, n);
    if (panel_bytes == 0) __builtin_trap();
    if (batch >= MANY_VECTORS) {
        headsteer_avx512vnni_many_panels_dot(format, panels, row_count, n, x, batch, y, y_stride, scratch);
        return;
    }
    panel_function *const one = function_for(format, x.planes, 1), *const four = function_for(format, x.planes, 4);
    for (size_t r = 0; r < row_count; r += PANEL_OUTPUTS) {
        const uint8_t *panel = (const uint8_t *)panels + r / PANEL_OUTPUTS * panel_bytes;
        const size_t count = row_count - r < PANEL_OUTPUTS ? row_count - r : PANEL_OUTPUTS;
        for (size_t b = 0; b < batch;) {
            const struct packed_vector vector = packed_vector(x, n, b);
            const size_t width = batch - b >= 4 ? 4 : 1;
            (width == 4 ? four : one)(panel, count, n, vector.codes, vector.groups, y + b * y_stride + r, y_stride);
            b += width;
        }
    }
}

#pragma clang attribute pop

#endif
