// The loops over rows, blocks and vectors, the same for every instruction set. A file includes this once, after it has
// defined:
//
//   vector                     LANES floats
//   VECTORS                    GROUP_WEIGHTS / LANES, the vectors that hold a group of weights
//   ACCUMULATORS               the partial sums (vectors) of one result; vector v of a group goes to sum v % ACCUMULATORS
//   ROWS_FOR_1 … ROWS_FOR_8    how many rows to take at once for 1, 2, 4 or 8 vectors x (0: not in that width)
//   PANEL_ROWS, PANEL_WIDTH    the tile of unpacked rows and vectors x whose partial sums fit into the registers
//   PRODUCT_VECTORS            the vectors of columns of a tile of PRODUCT_ROWS rows whose sums fit into the registers
//   vector_zero, vector_load, vector_store, vector_add, vector_multiply_add, vector_sum
//   HAS_VECTOR_SUMS            if there is a vector_sums that is better than the one below
//   struct prepared            what prepare_block keeps of a block for its groups
//   prepare_block(format, block, prepared)
//   unpack_group(format, block, prepared, group, weights)
//   PANELS_DOT                 the function for products of packed weights
//   KERNELS, KERNELS_NAME      the table to define, and its name
//
// The order in which one result's products are added up is the same in every width and for any number of rows:
// group after group, into the ACCUMULATORS partial sums, which are added up at the end.

#ifndef HAS_VECTOR_SUMS
/// `vector_sum` of each of `count` vectors, a constant.
SPECIALISED void vector_sums(int count, const vector *vectors, float *sums) {
    UNROLL for (int i = 0; i < count; i++) sums[i] = vector_sum(vectors[i]);
}
#endif

/// Asks for a block of the rows that come next: short rows in several streams defeat the processor's own prefetching.
///
/// A hint, not an access: it does nothing at addresses that aren't mapped. Past the last row, it asks for what follows.
SPECIALISED void prefetch_block(const uint8_t *block, size_t bytes) {
    UNROLL for (size_t offset = 0; offset < bytes; offset += 64) __builtin_prefetch(block + offset);
}

enum { MAXIMUM_ROWS = 4, MAXIMUM_WIDTH = 8 };

/// A tile: `rows` rows times `width` vectors. All of `format`, `rows` and `width` are constants.
SPECIALISED void dot_tile(
    int format, int rows, int width, const uint8_t *weights, size_t row_bytes, size_t n, const float *x,
    size_t x_stride, float *y, size_t y_stride) {
    const struct block_size block = block_size(format);
    const size_t block_weights = block.groups * GROUP_WEIGHTS;
    vector sums[MAXIMUM_ROWS][MAXIMUM_WIDTH][ACCUMULATORS];
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int b = 0; b < width; b++) {
            UNROLL for (int a = 0; a < ACCUMULATORS; a++) sums[r][b][a] = vector_zero();
        }
    }
    const uint8_t *bytes = weights;
    size_t i = 0;
    for (; i + block_weights <= n; i += block_weights, bytes += block.bytes) {
        UNROLL for (int r = 0; r < rows; r++) prefetch_block(bytes + (size_t)(rows + r) * row_bytes, block.bytes);
        struct prepared prepared[MAXIMUM_ROWS];
        UNROLL for (int r = 0; r < rows; r++) prepare_block(format, bytes + (size_t)r * row_bytes, &prepared[r]);
        UNROLL for (int g = 0; g < (int)block.groups; g++) {
            vector w[MAXIMUM_ROWS][VECTORS];
            UNROLL for (int r = 0; r < rows; r++) {
                unpack_group(format, bytes + (size_t)r * row_bytes, &prepared[r], g, w[r]);
            }
            UNROLL for (int b = 0; b < width; b++) {
                const float *x_group = x + (size_t)b * x_stride + i + (size_t)g * GROUP_WEIGHTS;
                UNROLL for (int v = 0; v < VECTORS; v++) {
                    const vector x_v = vector_load(x_group + v * LANES);
                    UNROLL for (int r = 0; r < rows; r++) {
                        vector *sum = &sums[r][b][v % ACCUMULATORS];
                        *sum = vector_multiply_add(w[r][v], x_v, *sum);
                    }
                }
            }
        }
    }
    if (has_single_weights(format) && i < n) {  // a last group, filled up with zeros
        UNROLL for (int r = 0; r < rows; r++) {
            float w[GROUP_WEIGHTS] = {0};
            headsteer_unpack_portable(format, bytes + (size_t)r * row_bytes, w, n - i);
            UNROLL for (int b = 0; b < width; b++) {
                float x_group[GROUP_WEIGHTS] = {0};
                memcpy(x_group, x + (size_t)b * x_stride + i, (n - i) * sizeof(float));
                UNROLL for (int v = 0; v < VECTORS; v++) {
                    vector *sum = &sums[r][b][v % ACCUMULATORS];
                    *sum = vector_multiply_add(vector_load(w + v * LANES), vector_load(x_group + v * LANES), *sum);
                }
            }
        }
    }
    vector totals[MAXIMUM_ROWS * MAXIMUM_WIDTH];
    float results[MAXIMUM_ROWS * MAXIMUM_WIDTH];
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int b = 0; b < width; b++) {
            vector total = sums[r][b][0];
            UNROLL for (int a = 1; a < ACCUMULATORS; a++) total = vector_add(total, sums[r][b][a]);
            totals[b * rows + r] = total;
        }
    }
    vector_sums(rows * width, totals, results);
    UNROLL for (int b = 0; b < width; b++) {
        UNROLL for (int r = 0; r < rows; r++) y[(size_t)b * y_stride + (size_t)r] = results[b * rows + r];
    }
}

/// All rows times `width` vectors. `format`, `rows` and `width` are constants.
SPECIALISED void dot_rows(
    int format, int rows, int width, const uint8_t *weights, size_t row_bytes, size_t row_count, size_t n,
    const float *x, size_t x_stride, float *y, size_t y_stride) {
    size_t r = 0;
    for (; r + (size_t)rows <= row_count; r += (size_t)rows) {
        dot_tile(format, rows, width, weights + r * row_bytes, row_bytes, n, x, x_stride, y + r, y_stride);
    }
    if (rows == 1) return;
    for (; r < row_count; r++) {
        dot_tile(format, 1, width, weights + r * row_bytes, row_bytes, n, x, x_stride, y + r, y_stride);
    }
}

/// Rows at a time that stay in the second-level cache while all vectors go past them.
enum { STRIP_ROWS = 64 };

/// All rows times all vectors. `format` is a constant.
SPECIALISED void dot_batch(
    int format, const uint8_t *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride) {
    for (size_t first = 0; first < row_count; first += STRIP_ROWS) {
        // A single vector needs no strips: one pass over all rows.
        const size_t rest = row_count - first, count = batch == 1 || rest < STRIP_ROWS ? rest : STRIP_ROWS;
        const uint8_t *strip = weights + first * row_bytes;
        size_t b = 0;
#define DOT_WIDTH(WIDTH, ROWS)                                                                                        \
    for (; ROWS > 0 && b + WIDTH <= batch; b += WIDTH) {                                                              \
        dot_rows(                                                                                                     \
            format, ROWS, WIDTH, strip, row_bytes, count, n, x + b * x_stride, x_stride, y + b * y_stride + first,    \
            y_stride);                                                                                                \
    }
#if ROWS_FOR_8 > 0
        DOT_WIDTH(8, ROWS_FOR_8)
#endif
        DOT_WIDTH(4, ROWS_FOR_4)
        DOT_WIDTH(2, ROWS_FOR_2)
        DOT_WIDTH(1, ROWS_FOR_1)
#undef DOT_WIDTH
        if (batch == 1) return;
    }
}

// MARK: - Panels

// With many vectors x it pays to unpack a strip of rows once, into a panel of float32, and to keep larger tiles.

/// The weights of a row that a tile takes at once, so that its part of X and of the panel stay in the first-level cache.
enum { PANEL_DEPTH = 768 };

/// The most rows of a panel.
enum { PANEL_STRIP = 96 };

/// From this many vectors on, unpacking into a panel costs less than it saves.
enum { PANEL_BATCH = 32 };

/// The tile of PANEL_ROWS × PANEL_WIDTH (or a smaller one at the edges) over `count` weights of each row.
///
/// `rows` and `width` are constants. `partial` holds the tile's partial sums from one call to the next.
SPECIALISED void panel_tile(
    int rows, int width, const float *w, size_t w_stride, const float *x, size_t x_stride, size_t count,
    vector *partial, int is_first, int is_last, float *y, size_t y_stride) {
    vector sums[PANEL_ROWS][PANEL_WIDTH][ACCUMULATORS];
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int b = 0; b < width; b++) {
            UNROLL for (int a = 0; a < ACCUMULATORS; a++) {
                sums[r][b][a] = is_first ? vector_zero() : partial[(r * width + b) * ACCUMULATORS + a];
            }
        }
    }
    for (size_t i = 0; i < count; i += ACCUMULATORS * LANES) {
        UNROLL for (int a = 0; a < ACCUMULATORS; a++) {
            vector w_a[PANEL_ROWS];
            UNROLL for (int r = 0; r < rows; r++) w_a[r] = vector_load(w + (size_t)r * w_stride + i + a * LANES);
            UNROLL for (int b = 0; b < width; b++) {
                const vector x_a = vector_load(x + (size_t)b * x_stride + i + a * LANES);
                UNROLL for (int r = 0; r < rows; r++) {
                    sums[r][b][a] = vector_multiply_add(w_a[r], x_a, sums[r][b][a]);
                }
            }
        }
    }
    if (!is_last) {
        UNROLL for (int r = 0; r < rows; r++) {
            UNROLL for (int b = 0; b < width; b++) {
                UNROLL for (int a = 0; a < ACCUMULATORS; a++) {
                    partial[(r * width + b) * ACCUMULATORS + a] = sums[r][b][a];
                }
            }
        }
        return;
    }
    UNROLL for (int r = 0; r < rows; r++) {
        vector totals[PANEL_WIDTH];
        float results[PANEL_WIDTH];
        UNROLL for (int b = 0; b < width; b++) {
            totals[b] = sums[r][b][0];
            UNROLL for (int a = 1; a < ACCUMULATORS; a++) totals[b] = vector_add(totals[b], sums[r][b][a]);
        }
        vector_sums(width, totals, results);
        UNROLL for (int b = 0; b < width; b++) y[(size_t)b * y_stride + (size_t)r] = results[b];
    }
}

/// `count` weights of each of `row_count` rows times `width` vectors. `width` is a constant.
SPECIALISED void panel_part(
    int width, const float *w, size_t w_stride, size_t row_count, size_t count, const float *x, size_t x_stride,
    vector *partial, int is_first, int is_last, float *y, size_t y_stride) {
    size_t r = 0;
    for (; r + PANEL_ROWS <= row_count; r += PANEL_ROWS) {
        panel_tile(
            PANEL_ROWS, width, w + r * w_stride, w_stride, x, x_stride, count,
            partial + r * (size_t)width * ACCUMULATORS, is_first, is_last, y + r, y_stride);
    }
    for (; r < row_count; r++) {
        panel_tile(
            1, width, w + r * w_stride, w_stride, x, x_stride, count, partial + r * (size_t)width * ACCUMULATORS,
            is_first, is_last, y + r, y_stride);
    }
}

/// A panel of `row_count` rows times `width` vectors. `width` is a constant.
SPECIALISED void panel_rows(
    int width, const float *panel, size_t w_stride, size_t row_count, size_t n, const float *x, size_t x_stride,
    float *y, size_t y_stride) {
    const size_t blocks = (n + PANEL_DEPTH - 1) / PANEL_DEPTH;
    const size_t depth = (n / GROUP_WEIGHTS + blocks - 1) / blocks * GROUP_WEIGHTS;
    vector partial[PANEL_STRIP * PANEL_WIDTH * ACCUMULATORS];
    for (size_t i = 0; i < n; i += depth) {
        const size_t count = n - i < depth ? n - i : depth;
        panel_part(
            width, panel + i, w_stride, row_count, count, x + i, x_stride, partial, i == 0, i + count == n, y,
            y_stride);
    }
}

#define DEFINE_PANEL_ROWS(WIDTH)                                                                                      \
    static __attribute__((noinline)) void panel_rows_##WIDTH(                                                         \
        const float *panel, size_t w_stride, size_t row_count, size_t n, const float *x, size_t x_stride, float *y,   \
        size_t y_stride) {                                                                                            \
        panel_rows(WIDTH, panel, w_stride, row_count, n, x, x_stride, y, y_stride);                                   \
    }
DEFINE_PANEL_ROWS(PANEL_WIDTH)
DEFINE_PANEL_ROWS(2)
DEFINE_PANEL_ROWS(1)

/// A panel times all vectors.
static void panel_batch(
    const float *panel, size_t w_stride, size_t row_count, size_t n, const float *x, size_t x_stride, size_t batch,
    float *y, size_t y_stride) {
    size_t b = 0;
#define PANEL_OF_WIDTH(WIDTH)                                                                                         \
    for (; b + WIDTH <= batch; b += WIDTH) {                                                                          \
        panel_rows_##WIDTH(panel, w_stride, row_count, n, x + b * x_stride, x_stride, y + b * y_stride, y_stride);    \
    }
    PANEL_OF_WIDTH(PANEL_WIDTH)
    PANEL_OF_WIDTH(2)
    PANEL_OF_WIDTH(1)
#undef PANEL_OF_WIDTH
}

// MARK: - Weights that are no floats

/// How many weights of how many rows are unpacked at once, for how many vectors.
enum { PART_WEIGHTS = 256, PART_ROWS = 12, PART_WIDTH = 8 };

#define DEFINE_PART_ROWS(WIDTH)                                                                                       \
    static __attribute__((noinline)) void part_rows_##WIDTH(                                                          \
        const float *part, size_t row_count, size_t count, const float *x, size_t x_stride, vector *partial,          \
        int is_first, int is_last, float *y, size_t y_stride) {                                                       \
        panel_part(                                                                                                   \
            WIDTH, part, PART_WEIGHTS, row_count, count, x, x_stride, partial, is_first, is_last, y, y_stride);       \
    }
DEFINE_PART_ROWS(PANEL_WIDTH)
DEFINE_PART_ROWS(2)
DEFINE_PART_ROWS(1)

/// At most PART_ROWS rows times at most PART_WIDTH vectors.
static void rows_dot_parts(
    int format, const uint8_t *rows, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride) {
    const struct block_size block = block_size(format);
    const size_t part_bytes = PART_WEIGHTS / (block.groups * GROUP_WEIGHTS) * block.bytes;
    float part[PART_ROWS * PART_WEIGHTS];
    vector partial[PART_ROWS * PART_WIDTH * ACCUMULATORS];
    size_t i = 0;
    do {
        const size_t count = n - i < PART_WEIGHTS ? n - i : PART_WEIGHTS;
        for (size_t r = 0; r < row_count; r++) {
            headsteer_unpack_portable(format, rows + r * row_bytes, part + r * PART_WEIGHTS, count);
        }
        size_t b = 0;
#define PART_OF_WIDTH(WIDTH)                                                                                          \
    for (; b + WIDTH <= batch; b += WIDTH) {                                                                          \
        part_rows_##WIDTH(                                                                                            \
            part, row_count, count, x + b * x_stride + i, x_stride, partial + b * PART_ROWS * ACCUMULATORS, i == 0,   \
            i + count == n, y + b * y_stride, y_stride);                                                              \
    }
        PART_OF_WIDTH(PANEL_WIDTH)
        PART_OF_WIDTH(2)
        PART_OF_WIDTH(1)
#undef PART_OF_WIDTH
        i += count;
        rows += part_bytes;
    } while (i < n);
}

/// All rows times all vectors.
static __attribute__((noinline)) void rows_dot_unpacked_first(
    int format, const uint8_t *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride) {
    for (size_t first = 0; first < row_count; first += PART_ROWS) {
        const size_t rows = row_count - first < PART_ROWS ? row_count - first : PART_ROWS;
        for (size_t b = 0; b < batch; b += PART_WIDTH) {
            rows_dot_parts(
                format, weights + first * row_bytes, row_bytes, rows, n, x + b * x_stride, x_stride,
                batch - b < PART_WIDTH ? batch - b : PART_WIDTH, y + b * y_stride + first, y_stride);
        }
    }
}

/// `format` is a constant.
SPECIALISED void unpack_row(int format, const uint8_t *bytes, float *out, size_t n) {
    const struct block_size block = block_size(format);
    const size_t block_weights = block.groups * GROUP_WEIGHTS;
    size_t i = 0;
    for (; i + block_weights <= n; i += block_weights, bytes += block.bytes) {
        struct prepared prepared;
        prepare_block(format, bytes, &prepared);
        UNROLL for (int g = 0; g < (int)block.groups; g++) {
            vector w[VECTORS];
            unpack_group(format, bytes, &prepared, g, w);
            UNROLL for (int v = 0; v < VECTORS; v++) vector_store(out + i + g * GROUP_WEIGHTS + v * LANES, w[v]);
        }
    }
    if (i < n) headsteer_unpack_portable(format, bytes, out + i, n - i);
}

// MARK: - From a format known at run time to a constant one

static void check_row(int format, size_t n) {
    const struct block_size block = block_size(format);
    if (block.bytes == 0) __builtin_trap();  // an unknown format
    if (!has_single_weights(format) && n % (block.groups * GROUP_WEIGHTS) != 0) __builtin_trap();  // a part of a block
}

#define FOR_EACH_FORMAT(CASE)                                                                                         \
    CASE(HEADSTEER_F32)                                                                                               \
    CASE(HEADSTEER_F16)                                                                                               \
    CASE(HEADSTEER_BF16)                                                                                              \
    CASE(HEADSTEER_Q4_0)                                                                                              \
    CASE(HEADSTEER_Q4_1)                                                                                              \
    CASE(HEADSTEER_Q5_0)                                                                                              \
    CASE(HEADSTEER_Q5_1)                                                                                              \
    CASE(HEADSTEER_Q8_0)                                                                                              \
    CASE(HEADSTEER_Q2_K)                                                                                              \
    CASE(HEADSTEER_Q3_K)                                                                                              \
    CASE(HEADSTEER_Q4_K)                                                                                              \
    CASE(HEADSTEER_Q5_K)                                                                                              \
    CASE(HEADSTEER_Q6_K)

// A function for each format, so that none grows too large for the optimiser.
#define DEFINE_UNPACK(FORMAT)                                                                                         \
    static __attribute__((noinline)) void unpack_##FORMAT(const uint8_t *bytes, float *out, size_t n) {               \
        unpack_row(FORMAT, bytes, out, n);                                                                            \
    }
FOR_EACH_FORMAT(DEFINE_UNPACK)
#undef DEFINE_UNPACK

// Products of floats. Weights of integers have products of their own, of packed weights.
#define FOR_EACH_FLOAT_FORMAT(CASE)                                                                                   \
    CASE(HEADSTEER_F32)                                                                                               \
    CASE(HEADSTEER_F16)                                                                                               \
    CASE(HEADSTEER_BF16)

#define DEFINE_DOT(FORMAT)                                                                                            \
    static __attribute__((noinline)) void dot_batch_##FORMAT(                                                         \
        const uint8_t *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,        \
        size_t batch, float *y, size_t y_stride) {                                                                    \
        dot_batch(FORMAT, weights, row_bytes, row_count, n, x, x_stride, batch, y, y_stride);                         \
    }
FOR_EACH_FLOAT_FORMAT(DEFINE_DOT)
#undef DEFINE_DOT

static void unpack(int format, const void *row, float *out, size_t n);

/// All rows times all vectors by way of panels.
static void rows_dot_panels(
    int format, const uint8_t *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride, float *scratch) {
    const size_t strip = panel_strip(n);
    for (size_t first = 0; first < row_count; first += strip) {
        const size_t count = row_count - first < strip ? row_count - first : strip;
        const uint8_t *rows = weights + first * row_bytes;
        const float *panel = (const float *)rows;
        size_t w_stride = row_bytes / sizeof(float);
        if (format != HEADSTEER_F32) {
            for (size_t r = 0; r < count; r++) unpack(format, rows + r * row_bytes, scratch + r * n, n);
            panel = scratch;
            w_stride = n;
        }
        panel_batch(panel, w_stride, count, n, x, x_stride, batch, y + first, y_stride);
    }
}

static void rows_dot_batch(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride, float *scratch) {
    check_row(format, n);
    const int is_panel = format == HEADSTEER_F32 ? batch >= PANEL_WIDTH && row_bytes % sizeof(float) == 0
                                                 : batch >= PANEL_BATCH && scratch;
    if (is_panel && n % GROUP_WEIGHTS == 0) {
        rows_dot_panels(format, weights, row_bytes, row_count, n, x, x_stride, batch, y, y_stride, scratch);
        return;
    }
    if (!has_single_weights(format)) {
        rows_dot_unpacked_first(format, weights, row_bytes, row_count, n, x, x_stride, batch, y, y_stride);
        return;
    }
    switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT: dot_batch_##FORMAT(weights, row_bytes, row_count, n, x, x_stride, batch, y, y_stride); return;
        FOR_EACH_FLOAT_FORMAT(CASE)
#undef CASE
    default: return;
    }
}

static void unpack(int format, const void *row, float *out, size_t n) {
    check_row(format, n);
    switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT: unpack_##FORMAT(row, out, n); return;
        FOR_EACH_FORMAT(CASE)
#undef CASE
    default: headsteer_unpack_portable(format, row, out, n);
    }
}

#include "products_template.h"

const struct headsteer_kernels KERNELS = {
    KERNELS_NAME, unpack, rows_dot_batch, add_product, rows_add_transposed, PANELS_DOT, softmax, logistic,
    round_values, pack_half,
};
