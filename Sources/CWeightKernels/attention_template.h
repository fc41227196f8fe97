// Attention over one chunk of keys and values, the same for every instruction set. A file includes this once, within its target attribute,
// after it has defined:
//
//   MULTIPLY_ADD(a, b, c)            a · b + c of sixteen_floats, fused where the processor can
//   add_products(sum, a, b)          adds a_low · b_low + a_high · b_high to each lane's 32-bit sum, for words of two 16-bit integers
//   TILE_VECTORS                     the vectors of 16 columns of a tile of TILE_ROWS rows whose sums fit into the registers
//   KERNELS, KERNELS_NAME            the table to define, and its name
//
// Both products of attention are one: rows of 32-bit words (queries, or weights) times vectors of 16 words, step after
// step. A step is a value of the head and then a position; with integers two of them, in the halves of a word.

#include "AttentionKernels.h"
#include "sixteen_floats.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

enum {
    FLOATS = HEADSTEER_ATTENTION_FLOATS,
    INTEGERS = HEADSTEER_ATTENTION_INTEGERS,
    CHUNK = HEADSTEER_CHUNK,
    TILE_ROWS = 6,
    TILE_COLUMNS = TILE_VECTORS * SIXTEEN,
    /// The words of a row's weights as integers, and behind them one for its own position.
    CODES = CHUNK / 2,
    CODES_STRIDE = CODES + SIXTEEN,
    /// The positions whose keys lie side by side.
    KEY_STRIDE = HEADSTEER_LANES,
    /// How many steps before they are needed keys and values are asked for.
    STEPS_AHEAD = 32,
    /// The most rows whose scores are computed before they become weights.
    BAND_ROWS = 48,
    /// The largest code, and what a chunk's weights add up to.
    LARGEST_CODE = 32767,
};

/// What no score is as small as.
#define NO_SCORE -3e38f

#include "attention_tiles.h"
#include "attention_keys_values.h"
#include "attention_scores.h"
#include "attention_weights.h"
#include "attention_mixtures.h"

// MARK: - All

static void compute(const struct headsteer_attention_part *part) {
    const size_t columns = columns_of_head(part->head_size), count = part->rows;
    float *factors = part->scratch + count * CHUNK;
    const size_t padded = (count + SIXTEEN - 1) / SIXTEEN * SIXTEEN;
    struct rows rows = {
        .part = part, .scores = part->scratch, .scales = factors, .keep = factors + padded,
        .add = factors + 2 * padded, .codes = (uint32_t *)(factors + 3 * padded),
    };
    // Few rows at a time where the keys stay in the first-level cache, so that their scores do too.
    const size_t key_bytes = words_of_head(part->format, part->head_size) * CHUNK * sizeof(uint32_t);
    const size_t band = key_bytes <= (1 << 15) ? TILE_ROWS : BAND_ROWS;
    for (rows.first = 0; rows.first < count; rows.first = rows.end) {
        const size_t bands = (count - rows.first + band - 1) / band;
        rows.end = rows.first + (count - rows.first + bands - 1) / bands;
        multiply_keys(&rows);
        if (part->own) multiply_own_keys(&rows);
        if (part->format == INTEGERS) {
            weigh_rows(&rows, INTEGERS);
        } else {
            weigh_rows(&rows, FLOATS);
        }
    }
    struct tile tile = {.columns = columns};
    while (tile.column < columns) {
        tile.is_whole = tile.column + TILE_COLUMNS <= columns;
        for (tile.row = 0; tile.row < count; tile.row += tile.count) {
            tile.count = rows_of_tile(tile.row, count);
            mix(&rows, &tile);
        }
        tile.column += tile.is_whole ? TILE_COLUMNS : SIXTEEN;
    }
}

static void merge(
    size_t rows, size_t columns, float *z, float *largest, float *sums, const float *part_z,
    const float *part_largest, const float *part_sums) {
    for (size_t first = 0; first < rows; first += SIXTEEN) {
        const size_t count = rows - first < SIXTEEN ? rows - first : SIXTEEN;
        const struct factors factors =
            merge_sums(count, largest + first, sums + first, part_largest + first, part_sums + first);
        float keep[SIXTEEN], add[SIXTEEN];
        store_sixteen(keep, factors.keep);
        store_sixteen(add, factors.add);
        for (size_t r = 0; r < count; r++) {
            for (size_t i = (first + r) * columns; i < (first + r + 1) * columns; i += SIXTEEN) {
                merge_sixteen(load_sixteen(part_z + i), z + i, keep[r], add[r]);
            }
        }
    }
}

static void finish(
    size_t rows, size_t head_size, const float *results, float *largest, float *sums, const float *sinks,
    size_t group, float *z, size_t stride) {
    const size_t columns = columns_of_head(head_size);
    for (size_t first = 0; first < rows; first += SIXTEEN) {
        const size_t count = rows - first < SIXTEEN ? rows - first : SIXTEEN;
        sixteen_floats keep = all_lanes(1);
        if (sinks) {
            float values[SIXTEEN] = {0}, ones[SIXTEEN];
            for (size_t r = 0; r < count; r++) values[r] = sinks[(first + r) % group];
            store_sixteen(ones, all_lanes(1));
            keep = merge_sums(count, largest + first, sums + first, values, ones).keep;
        }
        float factors[SIXTEEN];
        store_sixteen(factors, keep / load_values(sums + first, count));
        for (size_t r = 0; r < count; r++) {
            const size_t row = first + r;
            float *target = z + row / group * stride + row % group * head_size;
            for (size_t i = 0; i < head_size; i += SIXTEEN) {
                store_values(target + i, load_sixteen(results + row * columns + i) * factors[r], head_size - i);
            }
        }
    }
}

static void weights(float *scores, size_t n, float largest, float sum) {
    for (size_t i = 0; i < n; i += SIXTEEN) {
        const size_t count = n - i < SIXTEEN ? n - i : SIXTEEN;
        store_values(scores + i, exponential_of_negative(load_values(scores + i, count) - largest) / sum, count);
    }
}

const struct headsteer_attention_kernels KERNELS = {
    KERNELS_NAME, store, queries, compute, merge, finish, weights,
};

#pragma clang diagnostic pop
