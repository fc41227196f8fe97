// The loops over rows, blocks and vectors, the same for every instruction set. A file includes this once, after it has
// defined:
//
//   vector                     LANES floats
//   VECTORS                    GROUP_WEIGHTS / LANES, the vectors that hold a group of weights
//   ACCUMULATORS               the partial sums (vectors) of one result; vector v of a group goes to sum v % ACCUMULATORS
//   ROWS_FOR_1 … ROWS_FOR_8    how many rows to take at once for 1, 2, 4 or 8 vectors x (0: not in that width)
//   vector_zero, vector_load, vector_store, vector_add, vector_multiply_add, vector_sum
//   struct prepared            what prepare_block keeps of a block for its groups
//   prepare_block(format, block, prepared)
//   unpack_group(format, block, prepared, group, weights)
//   KERNELS, KERNELS_NAME      the table to define, and its name
//
// The order in which one result's products are added up is the same in every width and for any number of rows:
// group after group, into the ACCUMULATORS partial sums, which are added up at the end.

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
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int b = 0; b < width; b++) {
            vector sum = sums[r][b][0];
            UNROLL for (int a = 1; a < ACCUMULATORS; a++) sum = vector_add(sum, sums[r][b][a]);
            y[(size_t)b * y_stride + (size_t)r] = vector_sum(sum);
        }
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
#define DEFINE_FOR_FORMAT(FORMAT)                                                                                     \
    static __attribute__((noinline)) void dot_batch_##FORMAT(                                                         \
        const uint8_t *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,        \
        size_t batch, float *y, size_t y_stride) {                                                                    \
        dot_batch(FORMAT, weights, row_bytes, row_count, n, x, x_stride, batch, y, y_stride);                         \
    }                                                                                                                 \
    static __attribute__((noinline)) void unpack_##FORMAT(const uint8_t *bytes, float *out, size_t n) {               \
        unpack_row(FORMAT, bytes, out, n);                                                                            \
    }
FOR_EACH_FORMAT(DEFINE_FOR_FORMAT)
#undef DEFINE_FOR_FORMAT

static void rows_dot_batch(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride) {
    check_row(format, n);
    switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT: dot_batch_##FORMAT(weights, row_bytes, row_count, n, x, x_stride, batch, y, y_stride); return;
        FOR_EACH_FORMAT(CASE)
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
    default: return;
    }
}

const struct headsteer_kernels KERNELS = {KERNELS_NAME, unpack, rows_dot_batch};
