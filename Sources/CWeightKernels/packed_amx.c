// Products of packed weights with many vectors on AMX: `tdpbssd` multiplies the 32 bytes of a plane of 16 vectors by the 8 words of
// a panel's group at once. Its exact sums pass through memory to AVX-512, which scales them and adds them up.

#if defined(__x86_64__)

#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c,amx-tile,amx-int8"))),        \
    apply_to = function)

#include "packed_avx512.h"

enum {
    /// Vectors that tiles hold.
    WIDTH = 16,
    /// Vectors that share an unpacking. With a chunk's codes of so many in three planes, the second-level cache has room left.
    MOST_VECTORS = 256,
    /// Groups that are unpacked at once, so that a panel's share stays in the first-level cache: a multiple of 8.
    CHUNK_GROUPS = 32,
};

/// What a vector's group is multiplied by: 16 scales, then for each part, where the format has offsets, 16 sums.
SPECIALISED size_t factor_rows(struct packed_format f) { return (size_t)(1 + f.parts * f.has_offsets); }

SPECIALISED size_t unpacked_group_bytes(struct packed_format f) {
    return 512 + 64 * (size_t)f.parts * (size_t)(1 + f.has_offsets);
}

// MARK: - Unpacking

/// Groups `first` to `first + count` of a panel: the words of signed codes, the scales and the offsets of each.
SPECIALISED void unpack_chunk(int format, const uint8_t *panel, size_t n, size_t first, size_t count, uint8_t *out) {
    const struct packed_format f = packed_format(format);
    const size_t code_bytes = packed_code_bytes(f);
    const uint8_t *codes = panel + first * code_bytes;
    const uint8_t *scales =
        panel + n / GROUP_WEIGHTS * code_bytes + first / (size_t)f.groups * packed_scale_bytes(f);
    const __m512i zero = _mm512_set1_epi8((char)(f.zero_bits < 0 ? 0 : 1 << (f.zero_bits < 0 ? 0 : f.zero_bits)));
    for (size_t g = 0; g < count; scales += packed_scale_bytes(f)) {
        const struct packed_header header = load_header(format, scales);
        for (int own = 0; own < f.groups; own++, g++, codes += code_bytes, out += unpacked_group_bytes(f)) {
            __m512i words[GROUP_WORDS];
            __m512 part_scales[2], part_offsets[2];
            unpack_words(format, codes, words);
            load_scales(format, scales, own, header, part_scales, part_offsets);
            UNROLL for (int j = 0; j < GROUP_WORDS; j++) {
                _mm512_store_si512(out + 64 * j, f.zero_bits < 0 ? words[j] : _mm512_sub_epi8(words[j], zero));
            }
            UNROLL for (int part = 0; part < f.parts; part++) {
                _mm512_store_ps(out + 512 + 64 * part, part_scales[part]);
                if (f.has_offsets) _mm512_store_ps(out + 512 + 64 * (f.parts + part), part_offsets[part]);
            }
        }
    }
}

/// The factors of a chunk of up to 16 vectors. Vectors that are missing get zeros.
SPECIALISED void gather_factors(
    int parts, int has_offsets, const struct headsteer_group *x, size_t vector_groups, size_t width, size_t count,
    float *out) {
    for (size_t g = 0; g < count; g++) {
        for (size_t b = 0; b < WIDTH; b++) {
            const struct headsteer_group *group = x + (b < width ? b : 0) * vector_groups + g;
            out[b] = b < width ? group->scale : 0;
            if (has_offsets && parts == 1) out[WIDTH + b] = b < width ? group->sum : 0;
            if (has_offsets && parts == 2) {
                out[WIDTH + b] = b < width ? group->half_sums[0] : 0;
                out[2 * WIDTH + b] = b < width ? group->half_sums[1] : 0;
            }
        }
        out += WIDTH * (1 + parts * has_offsets);
    }
}

// MARK: - Tiles

enum { X_TILE = 3, WORDS_TILE = 4 };

struct tile_configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/// Tiles for the parts of groups of `width` vectors.
static void configure_tiles(int parts, size_t width) {
    struct tile_configuration configuration = {.palette = 1};
    for (int t = 0; t < HIGHEST_PLANES; t++) {
        configuration.row_bytes[t] = 64;
        configuration.rows[t] = (uint8_t)width;
    }
    configuration.row_bytes[X_TILE] = (uint16_t)(GROUP_WEIGHTS / parts);
    configuration.rows[X_TILE] = (uint8_t)width;
    configuration.row_bytes[WORDS_TILE] = 64;
    configuration.rows[WORDS_TILE] = (uint8_t)(GROUP_WORDS / parts);
    _tile_loadconfig(&configuration);
}

/// The sums of a group: for each part and plane 16 vectors' 16 sums.
#define TILE_OF_PLANE(P)                                                                                              \
    _tile_zero(P);                                                                                                    \
    _tile_loadd(X_TILE, x + GROUP_WEIGHTS * P + GROUP_WEIGHTS / parts * part, x_stride);                              \
    _tile_dpbssd(P, X_TILE, WORDS_TILE);                                                                              \
    _tile_stored(P, sums + (part * planes + P) * WIDTH * PANEL_OUTPUTS, 64)

SPECIALISED void sum_group(
    int planes, int parts, const int8_t *x, size_t x_stride, const uint8_t *words, int32_t *sums) {
    UNROLL for (int part = 0; part < parts; part++) {
        _tile_loadd(WORDS_TILE, words + 512 / parts * part, 64);
        TILE_OF_PLANE(0);
        if (planes == 3) {
            TILE_OF_PLANE(1);
            TILE_OF_PLANE(2);
        }
    }
}
#undef TILE_OF_PLANE

/// Adds a group to the results of 16 vectors.
SPECIALISED void add_sums(
    int planes, int parts, int has_offsets, const int32_t *sums, const uint8_t *scales, const float *factors,
    __m512 *results) {
    UNROLL for (int part = 0; part < parts; part++) {
        const int32_t *part_sums = sums + part * planes * WIDTH * PANEL_OUTPUTS;
        const __m512 scale = _mm512_load_ps(scales + 64 * part);
        const __m512 offset = has_offsets ? _mm512_load_ps(scales + 64 * (parts + part)) : _mm512_setzero_ps();
        UNROLL for (int b = 0; b < WIDTH; b++) {
            __m512i planes_sums[HIGHEST_PLANES];
            UNROLL for (int p = 0; p < planes; p++) {
                planes_sums[p] = _mm512_load_si512(part_sums + (p * WIDTH + b) * PANEL_OUTPUTS);
            }
            const __m512i high =
                planes == 1 ? planes_sums[0] : _mm512_add_epi32(_mm512_slli_epi32(planes_sums[0], 8), planes_sums[1]);
            const __m512 sum = part_sum(planes, high, planes_sums[planes - 1]);
            results[b] = _mm512_fmadd_ps(sum, _mm512_mul_ps(scale, _mm512_set1_ps(factors[b])), results[b]);
            if (has_offsets) {
                results[b] = _mm512_fmadd_ps(offset, _mm512_set1_ps(factors[WIDTH * (1 + part) + b]), results[b]);
            }
        }
    }
}

/// A chunk of a panel times up to 16 vectors. Between chunks the results lie in `y`.
SPECIALISED void chunk_times_vectors(
    int planes, int parts, int has_offsets, const uint8_t *chunk, size_t count, const int8_t *x, size_t x_stride,
    const float *factors, size_t width, int is_first, float *y, size_t y_stride, __mmask16 rows) {
    const size_t group_bytes = 512 + 64 * (size_t)parts * (size_t)(1 + has_offsets);
    int32_t sums[2][2 * HIGHEST_PLANES * WIDTH * PANEL_OUTPUTS] __attribute__((aligned(64)));
    __m512 results[WIDTH];
    UNROLL for (size_t b = 0; b < WIDTH; b++) {
        results[b] = is_first || b >= width ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(rows, y + b * y_stride);
    }
    // The tiles of a group work while the one before it is added.
    sum_group(planes, parts, x, x_stride, chunk, sums[0]);
    for (size_t g = 0; g < count; g++) {
        if (g + 1 < count) {
            sum_group(
                planes, parts, x + (g + 1) * (size_t)planes * GROUP_WEIGHTS, x_stride, chunk + (g + 1) * group_bytes,
                sums[(g + 1) % 2]);
        }
        add_sums(planes, parts, has_offsets, sums[g % 2], chunk + g * group_bytes + 512, factors, results);
        factors += WIDTH * (1 + parts * has_offsets);
    }
    UNROLL for (size_t b = 0; b < WIDTH; b++) {
        if (b < width) _mm512_mask_storeu_ps(y + b * y_stride, rows, results[b]);
    }
}

// MARK: - Formats

typedef void chunk_function(
    const uint8_t *chunk, size_t count, const int8_t *x, size_t x_stride, const float *factors, size_t width, int is_first,
    float *y, size_t y_stride, __mmask16 rows);

#define DEFINE_CHUNK_FUNCTION(PLANES, PARTS, HAS_OFFSETS)                                                             \
    static __attribute__((noinline)) void chunk_##PLANES##_##PARTS##_##HAS_OFFSETS(                                   \
        const uint8_t *chunk, size_t count, const int8_t *x, size_t x_stride, const float *factors, size_t width,     \
        int is_first, float *y, size_t y_stride, __mmask16 rows) {                                                    \
        chunk_times_vectors(                                                                                          \
            PLANES, PARTS, HAS_OFFSETS, chunk, count, x, x_stride, factors, width, is_first, y, y_stride, rows);      \
    }
DEFINE_CHUNK_FUNCTION(1, 1, 0)
DEFINE_CHUNK_FUNCTION(1, 1, 1)
DEFINE_CHUNK_FUNCTION(1, 2, 0)
DEFINE_CHUNK_FUNCTION(1, 2, 1)
DEFINE_CHUNK_FUNCTION(3, 1, 0)
DEFINE_CHUNK_FUNCTION(3, 1, 1)
DEFINE_CHUNK_FUNCTION(3, 2, 0)
DEFINE_CHUNK_FUNCTION(3, 2, 1)
#undef DEFINE_CHUNK_FUNCTION

static chunk_function *chunk_function_for(int planes, struct packed_format f) {
    static chunk_function *const functions[2][2][2] = {
        {{chunk_1_1_0, chunk_1_1_1}, {chunk_1_2_0, chunk_1_2_1}},
        {{chunk_3_1_0, chunk_3_1_1}, {chunk_3_2_0, chunk_3_2_1}},
    };
    return functions[planes == 3][f.parts == 2][f.has_offsets];
}

#define DEFINE_FOR_FORMAT(FORMAT)                                                                                     \
    static __attribute__((noinline)) void unpack_chunk_##FORMAT(                                                      \
        const uint8_t *panel, size_t n, size_t first, size_t count, uint8_t *out) {                                   \
        unpack_chunk(FORMAT, panel, n, first, count, out);                                                            \
    }
FOR_EACH_PACKED_FORMAT(DEFINE_FOR_FORMAT)
#undef DEFINE_FOR_FORMAT

typedef void unpack_function(const uint8_t *panel, size_t n, size_t first, size_t count, uint8_t *out);

static unpack_function *unpack_function_for(int format) {
    switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT: return unpack_chunk_##FORMAT;
        FOR_EACH_PACKED_FORMAT(CASE)
#undef CASE
    default: __builtin_trap();
    }
}

// MARK: - Products

/// All rows times up to `MOST_VECTORS` vectors.
static void panels_times_vectors(
    int format, const uint8_t *panels, size_t row_count, size_t n, int planes, struct packed_vector x, size_t batch,
    float *y, size_t y_stride, uint8_t *scratch) {
    const struct packed_format f = packed_format(format);
    const size_t panel_bytes = packed_panel_bytes(f, n), groups = n / GROUP_WEIGHTS;
    const size_t factor_count = WIDTH * factor_rows(f);
    unpack_function *const unpack = unpack_function_for(format);
    chunk_function *const multiply = chunk_function_for(planes, f);
    float *factors = (float *)(scratch + CHUNK_GROUPS * UNPACKED_GROUP_BYTES);
    size_t configured = 0;
    for (size_t first = 0; first < groups; first += CHUNK_GROUPS) {
        const size_t count = groups - first < CHUNK_GROUPS ? groups - first : CHUNK_GROUPS;
        for (size_t b = 0; b < batch; b += WIDTH) {
            gather_factors(
                f.parts, f.has_offsets, x.groups + b * groups + first, groups, batch - b < WIDTH ? batch - b : WIDTH,
                count, factors + b / WIDTH * CHUNK_GROUPS * factor_count);
        }
        for (size_t r = 0; r < row_count; r += PANEL_OUTPUTS) {
            unpack(panels + r / PANEL_OUTPUTS * panel_bytes, n, first, count, scratch);
            for (size_t b = 0; b < batch; b += WIDTH) {
                const size_t width = batch - b < WIDTH ? batch - b : WIDTH;
                if (width != configured) configure_tiles(f.parts, configured = width);
                multiply(
                    scratch, count, x.codes + (b * n + first * GROUP_WEIGHTS) * (size_t)planes, n * (size_t)planes,
                    factors + b / WIDTH * CHUNK_GROUPS * factor_count, width, first == 0, y + b * y_stride + r, y_stride,
                    first_lanes(row_count - r));
            }
        }
    }
}

void headsteer_amx_panels_dot(
    int format, const void *panels, size_t row_count, size_t n, struct headsteer_rounded x, size_t batch, float *y,
    size_t y_stride, void *scratch) {
    if (headsteer_panel_bytes(format, n) == 0) __builtin_trap();
    size_t done = 0;
    for (; batch - done > 4; ) {
        const size_t width = batch - done < MOST_VECTORS ? batch - done : MOST_VECTORS;
        panels_times_vectors(
            format, panels, row_count, n, x.planes, packed_vector(x, n, done), width, y + done * y_stride, y_stride,
            scratch);
        done += width;
    }
    if (done > 0) _tile_release();
    if (done == batch) return;
    const struct packed_vector rest = packed_vector(x, n, done);
    headsteer_avx512vnni_panels_dot(
        format, panels, row_count, n, (struct headsteer_rounded){rest.codes, rest.groups, x.planes}, batch - done,
        y + done * y_stride, y_stride, scratch);
}

#pragma clang attribute pop

#endif
