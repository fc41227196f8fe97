// Products of packed weights with many vectors on AMX. A product of tiles gives the exact sums of a group of 16 rows and of 16
// vectors; they pass through memory to AVX-512, which scales them and adds them up.

#if defined(__x86_64__)

#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c,amx-tile,amx-int8"))),        \
    apply_to = function)

#include "packed_amx_digits.h"
#include "packed_amx_tiles.h"

// MARK: - Chunks

/// 16 sums times 256. While tiles work, the processor multiplies floats on one port only, and that port would shift as well; this
/// reads the words a byte further, without the byte that comes from the neighbour.
SPECIALISED __m512i load_shifted(const int32_t *sums) {
    return _mm512_maskz_loadu_epi8(0xeeeeeeeeeeeeeeeeull, (const char *)sums - 1);
}

/// A part's sum as a float, of vector `b`.
SPECIALISED __m512 tile_sum(struct tile_work work, const struct tile_sums *part, int b) {
    const __m512i last = _mm512_load_si512(part->sums[part_tiles(work) - 1][b]);
    if (work.has_digits) {
        const __m512i high = _mm512_load_si512(part->sums[0][b]);
        return _mm512_fmadd_ps(_mm512_cvtepi32_ps(high), _mm512_set1_ps(4096), _mm512_cvtepi32_ps(last));
    }
    if (work.planes == 1) return part_sum(1, last, last);
    const __m512i high = _mm512_add_epi32(load_shifted(part->sums[0][b]), _mm512_load_si512(part->sums[1][b]));
    return part_sum(3, high, last);
}

/// Adds a part to the results. The tiles' steps lie evenly between: where another thread shares the core, tiles that follow each
/// other stall what comes behind.
SPECIALISED void add_part_and_multiply(
    struct tile_work work, const struct tile_operands *o, const uint8_t *scales, const float *factors,
    const struct tile_sums *sums, int stores, int multiplies, int loads, struct tile_cursor *cursor,
    struct tile_sums *next_sums, __m512 *results) {
    const __m512 scale = _mm512_load_ps(scales);
    const __m512 offset = work.has_offsets ? _mm512_load_ps(scales + 64) : _mm512_setzero_ps();
    UNROLL for (int b = 0; b < TILE_VECTORS; b++) {
        UNROLL for (int step = 0; step < step_count(work); step++) {
            if (step * TILE_VECTORS / step_count(work) == b) {
                take_step(work, o, step, stores, multiplies, loads, cursor, next_sums);
            }
        }
        const __m512 sum = tile_sum(work, sums, b);
        results[b] = _mm512_fmadd_ps(sum, _mm512_mul_ps(scale, _mm512_set1_ps(factors[b])), results[b]);
        if (work.has_offsets) {
            results[b] = _mm512_fmadd_ps(offset, _mm512_set1_ps(factors[TILE_VECTORS + b]), results[b]);
        }
    }
}

/// A chunk of a panel times blocks of vectors. Between chunks the results lie in `y`.
SPECIALISED void chunk_times_blocks(struct tile_work work, const struct tile_operands *operands) {
    const struct tile_operands o = *operands;
    const size_t bytes = part_bytes(work, o.parts), scale_bytes = 64 * (size_t)(1 + work.has_offsets);
    const int steps = step_count(work);
    struct tile_sums sums[2];
    struct tile_cursor cursor = {o.x, 0};
    size_t left = o.count * o.blocks, parity = 0;
    // Rows that tiles leave out are added as well, and dropped.
    if (o.width < TILE_VECTORS) memset(sums, 0, sizeof sums);
    UNROLL for (int step = 0; step < steps; step++) take_step(work, &o, step, 0, 0, 1, &cursor, sums);
    UNROLL for (int step = 0; step < steps; step++) take_step(work, &o, step, 0, 1, left > 1, &cursor, sums);
    UNROLL for (int step = 0; step < steps; step++) take_step(work, &o, step, 1, left > 1, left > 2, &cursor, sums);
    const float *factors = o.factors;
    float *y = o.y;
    for (size_t block = 0; block < o.blocks; block++, y += TILE_VECTORS * o.y_stride) {
        __m512 results[TILE_VECTORS];
        UNROLL for (size_t b = 0; b < TILE_VECTORS; b++) {
            results[b] = o.is_first || b >= o.width ? _mm512_setzero_ps()
                                                    : _mm512_maskz_loadu_ps(o.rows, y + b * o.y_stride);
        }
        const uint8_t *scales = o.chunk + bytes - scale_bytes;
        for (size_t i = 0; i < o.count; i++, left--, scales += bytes, parity ^= 1) {
            if (left > 3) {
                add_part_and_multiply(
                    work, &o, scales, factors, &sums[parity], 1, 1, 1, &cursor, &sums[parity ^ 1], results);
            } else {
                add_part_and_multiply(
                    work, &o, scales, factors, &sums[parity], left > 1, left > 2, 0, &cursor, &sums[parity ^ 1], results);
            }
            factors += scale_bytes / sizeof(float);
        }
        UNROLL for (size_t b = 0; b < TILE_VECTORS; b++) {
            if (b < o.width) _mm512_mask_storeu_ps(y + b * o.y_stride, o.rows, results[b]);
        }
    }
}

#define FOR_EACH_WORK(CASE)                                                                                           \
    CASE(1, 0, 0) CASE(1, 0, 1) CASE(3, 0, 0) CASE(3, 0, 1) CASE(3, 1, 0) CASE(3, 1, 1)

#define DEFINE_FOR_WORK(PLANES, HAS_DIGITS, HAS_OFFSETS)                                                              \
    static __attribute__((noinline)) void chunk_##PLANES##_##HAS_DIGITS##_##HAS_OFFSETS(                              \
        const struct tile_operands *operands) {                                                                       \
        chunk_times_blocks((struct tile_work){PLANES, HAS_DIGITS, HAS_OFFSETS}, operands);                           \
    }
FOR_EACH_WORK(DEFINE_FOR_WORK)
#undef DEFINE_FOR_WORK

typedef void chunk_function(const struct tile_operands *operands);

static chunk_function *chunk_function_for(struct tile_work work) {
#define CASE(PLANES, HAS_DIGITS, HAS_OFFSETS)                                                                         \
    if (work.planes == PLANES && work.has_digits == HAS_DIGITS && work.has_offsets == HAS_OFFSETS)                    \
        return chunk_##PLANES##_##HAS_DIGITS##_##HAS_OFFSETS;
    FOR_EACH_WORK(CASE)
#undef CASE
    __builtin_trap();
}

// MARK: - Formats

#define DEFINE_FOR_FORMAT(FORMAT)                                                                                     \
    static __attribute__((noinline)) void unpack_##FORMAT(                                                            \
        const uint8_t *panel, size_t n, size_t first, size_t count, uint8_t *out) {                                   \
        unpack_chunk(FORMAT, UNPACKED_SIGNED, panel, n, first, count, out);                                           \
    }                                                                                                                 \
    static __attribute__((noinline)) void unpack_twice_##FORMAT(                                                      \
        const uint8_t *panel, size_t n, size_t first, size_t count, uint8_t *out) {                                   \
        if (takes_digits(FORMAT)) unpack_chunk(FORMAT, UNPACKED_TWICE, panel, n, first, count, out);                  \
    }
FOR_EACH_PACKED_FORMAT(DEFINE_FOR_FORMAT)
#undef DEFINE_FOR_FORMAT

typedef void unpack_function(const uint8_t *panel, size_t n, size_t first, size_t count, uint8_t *out);

static unpack_function *unpack_function_for(int format, int has_digits) {
    switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT: return has_digits ? unpack_twice_##FORMAT : unpack_##FORMAT;
        FOR_EACH_PACKED_FORMAT(CASE)
#undef CASE
    default: __builtin_trap();
    }
}

// MARK: - Products

/// How vectors and groups are divided, so that a panel's chunk stays in the first-level cache while all vectors use it, and what
/// the vectors need in the second.
enum {
    MOST_VECTORS = 256,
    CHUNK_GROUPS = 16,
    /// Fewer vectors than this take less time without tiles.
    FEWEST_VECTORS = 10,
};

/// What lies in the scratch memory.
struct amx_scratch {
    uint8_t chunk[CHUNK_GROUPS * (1024 + 2 * 64)];
    /// At most two parts with scales and sums.
    float factors[MOST_VECTORS * CHUNK_GROUPS * 2 * 2];
    int8_t digits[MOST_VECTORS * CHUNK_GROUPS * 128];
};

_Static_assert(sizeof(struct amx_scratch) <= PACKED_SCRATCH_BYTES, "The scratch memory is too small.");

/// Groups of a chunk, at most `most`: about equally many in each, and whole blocks.
static size_t chunk_groups(size_t groups, size_t block, size_t most) {
    const size_t chunks = (groups + most - 1) / most;
    return ((groups + chunks - 1) / chunks + block - 1) / block * block;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/// What a chunk of up to `MOST_VECTORS` vectors is multiplied by, and their digits.
static void gather_chunk(
    struct packed_format f, struct tile_work work, const int8_t *codes, size_t codes_stride,
    const struct headsteer_group *x_groups, size_t groups, size_t count, size_t batch, struct amx_scratch *scratch) {
    float *factors = scratch->factors;
    for (size_t b = 0; b < batch; b += TILE_VECTORS, factors += count * (size_t)f.parts * factor_count(f)) {
        const size_t width = smaller(batch - b, TILE_VECTORS);
        gather_factors(f, x_groups + b * groups, groups, width, count, factors);
        if (!work.has_digits) continue;
        gather_digits(codes + b * codes_stride, codes_stride, width, count, scratch->digits + b * count * 128);
    }
}

/// All rows times up to `MOST_VECTORS` vectors, of which full blocks of 16 come first.
static void panels_times_vectors(
    int format, struct tile_work work, const uint8_t *panels, size_t row_count, size_t n, struct packed_vector x,
    size_t batch, float *y, size_t y_stride, struct amx_scratch *scratch) {
    const struct packed_format f = packed_format(format);
    const size_t panel_bytes = packed_panel_bytes(f, n), groups = n / GROUP_WEIGHTS;
    // A single block's digits stay in the first-level cache, too.
    const size_t most = work.has_digits && batch <= TILE_VECTORS ? CHUNK_GROUPS / 2 : CHUNK_GROUPS;
    const size_t chunk = chunk_groups(groups, (size_t)f.groups, most);
    const size_t codes_stride = n * (size_t)work.planes;
    unpack_function *const unpack = unpack_function_for(format, work.has_digits);
    chunk_function *const multiply = chunk_function_for(work);
    size_t configured = 0;
    for (size_t first = 0; first < groups; first += chunk) {
        const size_t count = smaller(groups - first, chunk);
        const int8_t *codes = x.codes + first * GROUP_WEIGHTS * (size_t)work.planes;
        gather_chunk(f, work, codes, codes_stride, x.groups + first, groups, count, batch, scratch);
        // From one vector to the next.
        const size_t x_stride = work.has_digits ? count * 128 : codes_stride;
        const size_t factor_stride = count * (size_t)f.parts * factor_count(f) / TILE_VECTORS;
        for (size_t r = 0; r < row_count; r += PANEL_OUTPUTS) {
            const uint8_t *panel = panels + r / PANEL_OUTPUTS * panel_bytes;
            unpack(panel, n, first, count, scratch->chunk);
            prefetch_chunk(f, panel + panel_bytes, groups, first, count);
            for (size_t b = 0, blocks, width; b < batch; b += blocks * width) {
                width = smaller(batch - b, TILE_VECTORS), blocks = (batch - b) / width;
                if (width != configured) configure_tiles(f.parts, work.has_digits, configured = width);
                multiply(&(struct tile_operands){
                    .chunk = scratch->chunk,
                    .count = count * (size_t)f.parts,
                    .parts = (size_t)f.parts,
                    .x = (work.has_digits ? scratch->digits : codes) + b * x_stride,
                    .x_stride = work.has_digits ? 64 : x_stride,
                    .x_block_stride = TILE_VECTORS * x_stride,
                    .blocks = blocks,
                    .factors = scratch->factors + b * factor_stride,
                    .width = width,
                    .is_first = first == 0,
                    .y = y + b * y_stride + r,
                    .y_stride = y_stride,
                    .rows = first_lanes(row_count - r),
                });
            }
        }
    }
}

void headsteer_amx_panels_dot(
    int format, const void *panels, size_t row_count, size_t n, struct headsteer_rounded x, size_t batch, float *y,
    size_t y_stride, void *scratch) {
    if (headsteer_panel_bytes(format, n) == 0) __builtin_trap();
    const int has_digits = x.planes == 3 && takes_digits(format);
    const struct tile_work work = {x.planes, has_digits, packed_format(format).has_offsets};
    const size_t rest = batch % TILE_VECTORS, end = rest < FEWEST_VECTORS ? batch - rest : batch;
    for (size_t b = 0; b < end; b += MOST_VECTORS) {
        panels_times_vectors(
            format, work, panels, row_count, n, packed_vector(x, n, b), smaller(end - b, MOST_VECTORS), y + b * y_stride,
            y_stride, scratch);
    }
    // The system saves tiles with a thread for as long as they hold something.
    if (end > 0) _tile_release();
    if (end == batch) return;
    const struct packed_vector vectors = packed_vector(x, n, end);
    headsteer_avx512vnni_panels_dot(
        format, panels, row_count, n, (struct headsteer_rounded){vectors.codes, vectors.groups, x.planes}, batch - end,
        y + end * y_stride, y_stride, scratch);
}

#pragma clang attribute pop

#endif
