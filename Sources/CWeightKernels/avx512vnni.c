// Kernels for x86-64 with AVX-512 and its VNNI: products of 8-bit integers, 64 at once. All else is as with AVX-512.
//
// A lane is an output: 16 rows of weights go together. `vpdpbusd` multiplies four codes of each row with the same four
// codes of x and adds them to the row's 32-bit sum. So the 4-byte words of 16 rows are transposed, which costs little
// while they are still packed.

#if defined(__x86_64__)

#include "blocks.h"

#include <immintrin.h>

#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)

enum { OUTPUTS = 16, WORDS = GROUP_WEIGHTS / 4 };

/// The codes of a group of 16 rows, four to a lane, with the rows' scales and offsets.
struct group_of_rows {
    __m512i words[WORDS];
    __m512 scales, offsets;
};

/// Where the 16 rows begin, relative to the first: beyond the last row, the last one again.
struct row_places {
    __m512i offsets;
    size_t places[OUTPUTS];
};

SPECIALISED struct row_places row_places(size_t row_bytes, size_t count) {
    struct row_places rows;
    int32_t offsets[OUTPUTS];
    for (size_t r = 0; r < OUTPUTS; r++) {
        rows.places[r] = (r < count ? r : count - 1) * row_bytes;
        offsets[r] = (int32_t)rows.places[r];
    }
    rows.offsets = _mm512_loadu_si512(offsets);
    return rows;
}

/// Asks for a part of the 16 rows that come next, which follow without a gap: so many streams, a few bytes from each, defeat
/// the processor's own prefetching.
SPECIALISED void prefetch_next_rows(const uint8_t *weights, size_t row_bytes, size_t bytes_done, size_t bytes) {
    const uint8_t *next = weights + OUTPUTS * row_bytes + OUTPUTS * bytes_done;
    for (size_t offset = 0; offset < OUTPUTS * bytes; offset += 64) __builtin_prefetch(next + offset, 0, 2);
}

/// 16 bytes of each of 16 rows, as four vectors: vector j holds word j of every row.
SPECIALISED void load_words(const uint8_t *source, const struct row_places *rows, __m512i *words) {
    __m512i v[4];
    UNROLL for (int i = 0; i < 4; i++) {
        const __m128i a = _mm_loadu_si128((const __m128i *)(source + rows->places[i]));
        const __m128i b = _mm_loadu_si128((const __m128i *)(source + rows->places[4 + i]));
        const __m128i c = _mm_loadu_si128((const __m128i *)(source + rows->places[8 + i]));
        const __m128i d = _mm_loadu_si128((const __m128i *)(source + rows->places[12 + i]));
        v[i] = _mm512_inserti32x4(_mm512_castsi128_si512(a), b, 1);
        v[i] = _mm512_inserti32x4(v[i], c, 2);
        v[i] = _mm512_inserti32x4(v[i], d, 3);
    }
    const __m512i low_01 = _mm512_unpacklo_epi32(v[0], v[1]), high_01 = _mm512_unpackhi_epi32(v[0], v[1]);
    const __m512i low_23 = _mm512_unpacklo_epi32(v[2], v[3]), high_23 = _mm512_unpackhi_epi32(v[2], v[3]);
    words[0] = _mm512_unpacklo_epi64(low_01, low_23);
    words[1] = _mm512_unpackhi_epi64(low_01, low_23);
    words[2] = _mm512_unpacklo_epi64(high_01, high_23);
    words[3] = _mm512_unpackhi_epi64(high_01, high_23);
}

/// 16 bytes of nibbles of each row: the low ones are the first four words, the high ones the last.
SPECIALISED void load_nibbles(const uint8_t *source, const struct row_places *rows, __m512i *words) {
    const __m512i mask = _mm512_set1_epi8(15);
    __m512i packed[4];
    load_words(source, rows, packed);
    UNROLL for (int j = 0; j < 4; j++) {
        words[j] = _mm512_and_si512(packed[j], mask);
        words[4 + j] = _mm512_and_si512(_mm512_srli_epi32(packed[j], 4), mask);
    }
}

/// The lower and the upper half of each lane as half-precision numbers.
SPECIALISED __m512 lower_halves(__m512i lanes) { return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(lanes)); }
SPECIALISED __m512 upper_halves(__m512i lanes) { return lower_halves(_mm512_srli_epi32(lanes, 16)); }

SPECIALISED __m512i gather(const uint8_t *source, const struct row_places *rows) {
    return _mm512_i32gather_epi32(rows->offsets, source, 1);
}

/// Adds 16 to the codes whose bit is set: bit k of a row's lane belongs to code k.
SPECIALISED void add_fifth_bits(__m512i bits, __m512i *words) {
    // The word for each of the 16 patterns of four bits.
    const __m512i patterns = _mm512_setr_epi32(
        0, 0x10, 0x1000, 0x1010, 0x100000, 0x100010, 0x101000, 0x101010, 0x10000000, 0x10000010, 0x10001000,
        0x10001010, 0x10100000, 0x10100010, 0x10101000, 0x10101010);
    UNROLL for (int j = 0; j < WORDS; j++) {
        words[j] = _mm512_or_si512(words[j], _mm512_permutexvar_epi32(_mm512_srli_epi32(bits, 4 * j), patterns));
    }
}

/// Scales and offsets of one block of Q4_K or Q5_K: those of row r begin at 8 r.
struct scales_of_block {
    float scales[OUTPUTS * MAXIMUM_GROUPS], offsets[OUTPUTS * MAXIMUM_GROUPS];
};

SPECIALISED void prepare_scales(
    int format, const uint8_t *block, const struct row_places *rows, struct scales_of_block *prepared) {
    if (format != HEADSTEER_Q4_K && format != HEADSTEER_Q5_K) return;
    for (int r = 0; r < OUTPUTS; r++) {
        const uint8_t *row = block + rows->places[r];
        const __m128 d_and_minimum = _mm_cvtph_ps(_mm_cvtsi32_si128((int)load_u32(row)));
        const struct six_bit_scales s = six_bit_scales(row + 4);
        const __m256 scales = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)s.scales)));
        const __m256 minima = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)s.minima)));
        const __m256 d = _mm256_broadcastss_ps(d_and_minimum);
        const __m256 minimum = _mm256_broadcastss_ps(_mm_movehdup_ps(d_and_minimum));
        const __m256 negative = _mm256_xor_ps(_mm256_mul_ps(minimum, minima), _mm256_set1_ps(-0.0f));
        _mm256_storeu_ps(prepared->scales + r * MAXIMUM_GROUPS, _mm256_mul_ps(d, scales));
        _mm256_storeu_ps(prepared->offsets + r * MAXIMUM_GROUPS, negative);
    }
}

/// Group `g` of a block of 16 rows.
SPECIALISED void load_group(
    int format, const uint8_t *block, int g, const struct row_places *rows, const struct scales_of_block *prepared,
    struct group_of_rows *group) {
    switch (format) {
    case HEADSTEER_Q4_0:
        // The two bytes after the scale are the first codes; they lie within the block.
        group->scales = lower_halves(gather(block, rows));
        group->offsets = _mm512_mul_ps(group->scales, _mm512_set1_ps(-8));
        load_nibbles(block + 2, rows, group->words);
        return;
    case HEADSTEER_Q4_1: {
        const __m512i both = gather(block, rows);
        group->scales = lower_halves(both);
        group->offsets = upper_halves(both);
        load_nibbles(block + 4, rows, group->words);
        return;
    }
    case HEADSTEER_Q5_0:
        group->scales = lower_halves(gather(block, rows));
        group->offsets = _mm512_mul_ps(group->scales, _mm512_set1_ps(-16));
        load_nibbles(block + 6, rows, group->words);
        add_fifth_bits(gather(block + 2, rows), group->words);
        return;
    case HEADSTEER_Q5_1: {
        const __m512i both = gather(block, rows);
        group->scales = lower_halves(both);
        group->offsets = upper_halves(both);
        load_nibbles(block + 8, rows, group->words);
        add_fifth_bits(gather(block + 4, rows), group->words);
        return;
    }
    case HEADSTEER_Q8_0: {
        group->scales = lower_halves(gather(block, rows));
        group->offsets = _mm512_mul_ps(group->scales, _mm512_set1_ps(-128));
        load_words(block + 2, rows, group->words);
        load_words(block + 18, rows, group->words + 4);
        UNROLL for (int j = 0; j < WORDS; j++) {
            group->words[j] = _mm512_xor_si512(group->words[j], _mm512_set1_epi8((char)0x80));
        }
        return;
    }
    case HEADSTEER_Q4_K:
    case HEADSTEER_Q5_K: {
        const uint8_t *q = block + (format == HEADSTEER_Q4_K ? 16 : 48) + g / 2 * 32;
        const __m512i step = _mm512_setr_epi32(0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120);
        group->scales = _mm512_i32gather_ps(step, prepared->scales + g, 4);
        group->offsets = _mm512_i32gather_ps(step, prepared->offsets + g, 4);
        load_words(q, rows, group->words);
        load_words(q + 16, rows, group->words + 4);
        const __m128i shift = _mm_cvtsi32_si128(g % 2 * 4);
        UNROLL for (int j = 0; j < WORDS; j++) {
            group->words[j] =
                _mm512_and_si512(_mm512_srl_epi32(group->words[j], shift), _mm512_set1_epi8(15));
        }
        if (format == HEADSTEER_Q5_K) {
            __m512i fifth[WORDS];
            load_words(block + 16, rows, fifth);
            load_words(block + 32, rows, fifth + 4);
            const __m128i place = _mm_cvtsi32_si128(g);
            UNROLL for (int j = 0; j < WORDS; j++) {
                const __m512i bit = _mm512_and_si512(_mm512_srl_epi32(fifth[j], place), _mm512_set1_epi8(1));
                group->words[j] = _mm512_or_si512(group->words[j], _mm512_slli_epi32(bit, 4));
            }
        }
        return;
    }
    default: __builtin_unreachable();
    }
}

SPECIALISED __m512i four_codes(const int8_t *codes) {
    int32_t word;
    memcpy(&word, codes, sizeof word);
    return _mm512_set1_epi32(word);
}

/// Adds a group's part to 16 results, as `int8_rows` in plain C does.
SPECIALISED __m512 add_group(__m512i sum, __m512 scales, __m512 offsets, float x_scale, float x_sum, __m512 results) {
    const __m512 scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_set1_ps(x_scale));
    return _mm512_fmadd_ps(offsets, _mm512_set1_ps(x_sum), _mm512_fmadd_ps(scaled, scales, results));
}

// MARK: - One vector

/// 16 rows times one vector. `format` is a constant.
SPECIALISED void rows_times_vector(
    int format, const uint8_t *weights, size_t row_bytes, size_t count, size_t n, const int8_t *codes,
    const float *scales, const float *sums, float *y) {
    const struct block_size block = block_size(format);
    const struct row_places rows = row_places(row_bytes, count);
    __m512 results = _mm512_setzero_ps();
    size_t group_index = 0;
    for (const uint8_t *bytes = weights; group_index < n / GROUP_WEIGHTS; bytes += block.bytes) {
        prefetch_next_rows(weights, row_bytes, (size_t)(bytes - weights), block.bytes);
        struct scales_of_block prepared;
        prepare_scales(format, bytes, &rows, &prepared);
        for (int g = 0; g < (int)block.groups; g++, group_index++) {
            struct group_of_rows group;
            load_group(format, bytes, g, &rows, &prepared, &group);
            const int8_t *x = codes + group_index * GROUP_WEIGHTS;
            __m512i even = _mm512_setzero_si512(), odd = _mm512_setzero_si512();
            UNROLL for (int j = 0; j < WORDS; j += 2) {
                even = _mm512_dpbusd_epi32(even, group.words[j], four_codes(x + 4 * j));
                odd = _mm512_dpbusd_epi32(odd, group.words[j + 1], four_codes(x + 4 * j + 4));
            }
            results = add_group(
                _mm512_add_epi32(even, odd), group.scales, group.offsets, scales[group_index], sums[group_index],
                results);
        }
    }
    _mm512_mask_storeu_ps(y, (__mmask16)((1u << count) - 1), results);
}

// MARK: - Panels

// A panel holds, for each 16 rows and each group, the 8 words, the scales and the offsets: 640 bytes.

enum { PANEL_GROUP_BYTES = WORDS * 64 + 2 * 64, PANEL_VECTORS = 6 };

/// 16 rows into a panel. `format` is a constant.
SPECIALISED void fill_panel(
    int format, const uint8_t *weights, size_t row_bytes, size_t count, size_t n, uint8_t *panel) {
    const struct block_size block = block_size(format);
    const struct row_places rows = row_places(row_bytes, count);
    size_t group_index = 0;
    for (const uint8_t *bytes = weights; group_index < n / GROUP_WEIGHTS; bytes += block.bytes) {
        struct scales_of_block prepared;
        prepare_scales(format, bytes, &rows, &prepared);
        for (int g = 0; g < (int)block.groups; g++, group_index++, panel += PANEL_GROUP_BYTES) {
            struct group_of_rows group;
            load_group(format, bytes, g, &rows, &prepared, &group);
            UNROLL for (int j = 0; j < WORDS; j++) _mm512_storeu_si512(panel + 64 * j, group.words[j]);
            _mm512_storeu_ps(panel + 64 * WORDS, group.scales);
            _mm512_storeu_ps(panel + 64 * WORDS + 64, group.offsets);
        }
    }
}

/// `blocks` (1 or 2) times 16 rows of a panel times `width` vectors. Both are constants.
SPECIALISED void panel_tile(
    int blocks, int width, const uint8_t *panel, size_t panel_stride, size_t count, size_t n, const int8_t *codes,
    const float *scales, const float *sums, float *y, size_t y_stride) {
    const size_t groups = n / GROUP_WEIGHTS;
    __m512 results[2][PANEL_VECTORS];
    UNROLL for (int p = 0; p < blocks; p++) {
        UNROLL for (int b = 0; b < width; b++) results[p][b] = _mm512_setzero_ps();
    }
    for (size_t g = 0; g < groups; g++) {
        const uint8_t *group = panel + g * PANEL_GROUP_BYTES;
        __m512i total[2][PANEL_VECTORS];
        UNROLL for (int p = 0; p < blocks; p++) {
            UNROLL for (int b = 0; b < width; b++) total[p][b] = _mm512_setzero_si512();
        }
        UNROLL for (int j = 0; j < WORDS; j++) {
            __m512i w[2];
            UNROLL for (int p = 0; p < blocks; p++) {
                w[p] = _mm512_loadu_si512(group + (size_t)p * panel_stride + 64 * j);
            }
            UNROLL for (int b = 0; b < width; b++) {
                const __m512i x = four_codes(codes + (size_t)b * n + g * GROUP_WEIGHTS + 4 * j);
                UNROLL for (int p = 0; p < blocks; p++) total[p][b] = _mm512_dpbusd_epi32(total[p][b], w[p], x);
            }
        }
        UNROLL for (int p = 0; p < blocks; p++) {
            const float *last = (const float *)(group + (size_t)p * panel_stride + 64 * WORDS);
            const __m512 w_scales = _mm512_loadu_ps(last), w_offsets = _mm512_loadu_ps(last + OUTPUTS);
            UNROLL for (int b = 0; b < width; b++) {
                const size_t place = (size_t)b * groups + g;
                results[p][b] = add_group(total[p][b], w_scales, w_offsets, scales[place], sums[place], results[p][b]);
            }
        }
    }
    UNROLL for (int p = 0; p < blocks; p++) {
        const size_t rest = count - (size_t)p * OUTPUTS, stored = rest < OUTPUTS ? rest : OUTPUTS;
        UNROLL for (int b = 0; b < width; b++) {
            float *target = y + (size_t)b * y_stride + p * OUTPUTS;
            _mm512_mask_storeu_ps(target, (__mmask16)((1u << stored) - 1), results[p][b]);
        }
    }
}

#define DEFINE_TILE(BLOCKS, WIDTH)                                                                                    \
    static __attribute__((noinline)) void panel_tile_##BLOCKS##_##WIDTH(                                              \
        const uint8_t *panel, size_t panel_stride, size_t count, size_t n, const int8_t *codes, const float *scales,  \
        const float *sums, float *y, size_t y_stride) {                                                               \
        panel_tile(BLOCKS, WIDTH, panel, panel_stride, count, n, codes, scales, sums, y, y_stride);                   \
    }
DEFINE_TILE(2, 6)
DEFINE_TILE(2, 4)
DEFINE_TILE(2, 2)
DEFINE_TILE(2, 1)
DEFINE_TILE(1, 6)
DEFINE_TILE(1, 4)
DEFINE_TILE(1, 2)
DEFINE_TILE(1, 1)

/// `blocks` (1 or 2) times 16 rows of a panel times all vectors.
static void panel_blocks(
    int blocks, const uint8_t *panel, size_t panel_stride, size_t count, size_t n, struct headsteer_int8_vectors x,
    size_t batch, float *y, size_t y_stride) {
    const size_t groups = n / GROUP_WEIGHTS;
    size_t b = 0;
#define TILES(WIDTH)                                                                                                  \
    for (; b + WIDTH <= batch; b += WIDTH) {                                                                          \
        (blocks == 2 ? panel_tile_2_##WIDTH : panel_tile_1_##WIDTH)(                                                  \
            panel, panel_stride, count, n, x.codes + b * n, x.scales + b * groups, x.sums + b * groups,               \
            y + b * y_stride, y_stride);                                                                              \
    }
    TILES(6)
    TILES(4)
    TILES(2)
    TILES(1)
#undef TILES
}

// MARK: - All rows

#define FOR_EACH_INT8_FORMAT(CASE)                                                                                    \
    CASE(HEADSTEER_Q4_0)                                                                                              \
    CASE(HEADSTEER_Q4_1)                                                                                              \
    CASE(HEADSTEER_Q5_0)                                                                                              \
    CASE(HEADSTEER_Q5_1)                                                                                              \
    CASE(HEADSTEER_Q8_0)                                                                                              \
    CASE(HEADSTEER_Q4_K)                                                                                              \
    CASE(HEADSTEER_Q5_K)

#define DEFINE_FOR_FORMAT(FORMAT)                                                                                     \
    static __attribute__((noinline)) void rows_times_vector_##FORMAT(                                                 \
        const uint8_t *weights, size_t row_bytes, size_t count, size_t n, const int8_t *codes, const float *scales,   \
        const float *sums, float *y) {                                                                                \
        rows_times_vector(FORMAT, weights, row_bytes, count, n, codes, scales, sums, y);                              \
    }                                                                                                                 \
    static __attribute__((noinline)) void fill_panel_##FORMAT(                                                        \
        const uint8_t *weights, size_t row_bytes, size_t count, size_t n, uint8_t *panel) {                           \
        fill_panel(FORMAT, weights, row_bytes, count, n, panel);                                                      \
    }
FOR_EACH_INT8_FORMAT(DEFINE_FOR_FORMAT)
#undef DEFINE_FOR_FORMAT

void headsteer_avx512vnni_rows_dot_int8(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, struct headsteer_int8_vectors x,
    size_t batch, float *y, size_t y_stride, float *scratch) {
    if (!is_int8_format(format)) __builtin_trap();
    const uint8_t *rows = weights;
    const size_t groups = n / GROUP_WEIGHTS, panel_stride = groups * PANEL_GROUP_BYTES;
    if (batch == 1 || !scratch) {
        for (size_t r = 0; r < row_count; r += OUTPUTS) {
            const size_t count = row_count - r < OUTPUTS ? row_count - r : OUTPUTS;
            for (size_t b = 0; b < batch; b++) {
                switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT:                                                                                                      \
        rows_times_vector_##FORMAT(                                                                                   \
            rows + r * row_bytes, row_bytes, count, n, x.codes + b * n, x.scales + b * groups, x.sums + b * groups,   \
            y + b * y_stride + r);                                                                                    \
        break;
                    FOR_EACH_INT8_FORMAT(CASE)
#undef CASE
                default: break;
                }
            }
        }
        return;
    }
    const size_t strip = int8_strip(n);
    uint8_t *panel = (uint8_t *)scratch;
    for (size_t first = 0; first < row_count; first += strip) {
        const size_t count = row_count - first < strip ? row_count - first : strip;
        for (size_t r = 0; r < count; r += OUTPUTS) {
            const size_t part = count - r < OUTPUTS ? count - r : OUTPUTS;
            const uint8_t *start = rows + (first + r) * row_bytes;
            uint8_t *target = panel + r / OUTPUTS * panel_stride;
            switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT: fill_panel_##FORMAT(start, row_bytes, part, n, target); break;
                FOR_EACH_INT8_FORMAT(CASE)
#undef CASE
            default: break;
            }
        }
        for (size_t r = 0; r < count; r += 2 * OUTPUTS) {
            const size_t part = count - r < 2 * OUTPUTS ? count - r : 2 * OUTPUTS;
            panel_blocks(
                part > OUTPUTS ? 2 : 1, panel + r / OUTPUTS * panel_stride, panel_stride, part, n, x, batch,
                y + first + r, y_stride);
        }
    }
}

#pragma clang attribute pop

#endif
