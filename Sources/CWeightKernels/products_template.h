// Products of float32 matrices, and with transposed weights: the same for every instruction set. Included by rows_dot_template.h.
//
// Whatever the sizes, a result takes the steps in blocks of PRODUCT_DEPTH: each block is added up by itself in the order of its steps,
// and then added to the result. So a result has the same bits in a tile of any size, and for any rows and columns of a call.

enum { PRODUCT_ROWS = 6, PRODUCT_WIDTH = PRODUCT_VECTORS * LANES };

/// Where a product goes: times `factor`, added to what is there or in its place.
struct product_target {
    float *c;
    size_t stride;
    float factor;
    int is_added;
};

SPECIALISED vector vector_all(float x) {
    vector result;
    for (int i = 0; i < LANES; i++) result[i] = x;
    return result;
}

/// `rows` rows of A times `vectors` vectors of B's columns, for at most PRODUCT_DEPTH steps. `rows` and `vectors` are constants.
SPECIALISED void product_tile(
    int rows, int vectors, size_t steps, const float *a, size_t a_row, size_t a_step, const float *b, size_t b_stride,
    struct product_target to) {
    vector sums[PRODUCT_ROWS][PRODUCT_VECTORS];
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = vector_zero();
    }
    for (size_t step = 0; step < steps; step++) {
        vector own[PRODUCT_VECTORS];
        UNROLL for (int v = 0; v < vectors; v++) own[v] = vector_load(b + step * b_stride + (size_t)v * LANES);
        UNROLL for (int r = 0; r < rows; r++) {
            const vector all = vector_all(a[(size_t)r * a_row + step * a_step]);
            UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = vector_multiply_add(all, own[v], sums[r][v]);
        }
    }
    const vector factor = vector_all(to.factor);
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            float *c = to.c + (size_t)r * to.stride + (size_t)v * LANES;
            vector_store(c, vector_multiply_add(factor, sums[r][v], to.is_added ? vector_load(c) : vector_zero()));
        }
    }
}

typedef void product_function(
    size_t steps, const float *a, size_t a_row, size_t a_step, const float *b, size_t b_stride,
    struct product_target to);

#define DEFINE_PRODUCT(ROWS, VECTORS, NAME)                                                                           \
    static __attribute__((noinline)) void product_##ROWS##_##NAME(                                                    \
        size_t steps, const float *a, size_t a_row, size_t a_step, const float *b, size_t b_stride,                   \
        struct product_target to) {                                                                                   \
        product_tile(ROWS, VECTORS, steps, a, a_row, a_step, b, b_stride, to);                                        \
    }
#define DEFINE_PRODUCTS(ROWS) DEFINE_PRODUCT(ROWS, 1, one) DEFINE_PRODUCT(ROWS, PRODUCT_VECTORS, all)
#define FOR_EACH_PRODUCT_ROWS(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
FOR_EACH_PRODUCT_ROWS(DEFINE_PRODUCTS)
#undef DEFINE_PRODUCTS
#undef DEFINE_PRODUCT

/// For 1 to PRODUCT_ROWS rows: one vector, and PRODUCT_VECTORS.
#define PAIR(ROWS) {product_##ROWS##_one, product_##ROWS##_all},
static product_function *const product_functions[PRODUCT_ROWS][2] = {FOR_EACH_PRODUCT_ROWS(PAIR)};
#undef PAIR
#undef FOR_EACH_PRODUCT_ROWS

/// All rows of A times one tile of B's columns.
static void product_columns(
    int is_whole, size_t rows, size_t steps, const float *a, size_t a_row, size_t a_step, const float *b,
    size_t b_stride, struct product_target to) {
    for (size_t r = 0; r < rows; r += PRODUCT_ROWS) {
        const size_t count = rows - r < PRODUCT_ROWS ? rows - r : PRODUCT_ROWS;
        product_functions[count - 1][is_whole](steps, a + r * a_row, a_row, a_step, b, b_stride, to);
        to.c += PRODUCT_ROWS * to.stride;
    }
}

/// The last columns, fewer than a vector has: with zeros behind them.
static __attribute__((noinline)) void product_last_columns(
    size_t rows, size_t columns, size_t steps, const float *a, size_t a_row, size_t a_step, const float *b,
    size_t b_stride, struct product_target to) {
    float padded[PRODUCT_DEPTH * LANES] = {0}, results[PRODUCT_ROWS * LANES] = {0};
    for (size_t step = 0; step < steps; step++) {
        memcpy(padded + step * LANES, b + step * b_stride, columns * sizeof(float));
    }
    for (size_t r = 0; r < rows; r += PRODUCT_ROWS) {
        const size_t count = rows - r < PRODUCT_ROWS ? rows - r : PRODUCT_ROWS;
        float *c = to.c + r * to.stride;
        for (size_t i = 0; i < count; i++) {
            if (to.is_added) memcpy(results + i * LANES, c + i * to.stride, columns * sizeof(float));
        }
        const struct product_target own = {results, LANES, to.factor, to.is_added};
        product_functions[count - 1][0](steps, a + r * a_row, a_row, a_step, padded, LANES, own);
        for (size_t i = 0; i < count; i++) memcpy(c + i * to.stride, results + i * LANES, columns * sizeof(float));
    }
}

/// At most PRODUCT_DEPTH steps of a product.
static void product_block(
    size_t rows, size_t columns, size_t steps, const float *a, size_t a_row, size_t a_step, const float *b,
    size_t b_stride, struct product_target to) {
    size_t i = 0;
    while (i + LANES <= columns) {
        const int is_whole = i + PRODUCT_WIDTH <= columns;
        product_columns(is_whole, rows, steps, a, a_row, a_step, b + i, b_stride, to);
        const size_t width = is_whole ? PRODUCT_WIDTH : LANES;
        to.c += width;
        i += width;
    }
    if (i < columns) product_last_columns(rows, columns - i, steps, a, a_row, a_step, b + i, b_stride, to);
}

static void add_product(
    size_t rows, size_t columns, size_t steps, const float *a, size_t a_row, size_t a_step, const float *b,
    size_t b_stride, float factor, int is_added, float *c, size_t c_stride) {
    struct product_target to = {c, c_stride, factor, is_added};
    for (size_t step = 0; step < steps; step += PRODUCT_DEPTH) {
        const size_t count = steps - step < PRODUCT_DEPTH ? steps - step : PRODUCT_DEPTH;
        product_block(rows, columns, count, a + step * a_step, a_row, a_step, b + step * b_stride, b_stride, to);
        to.is_added = 1;
    }
}

static int is_any_nonzero(const float *values, size_t stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = values + r * stride;
        int is_nonzero = 0;
        for (size_t i = 0; i < columns; i++) is_nonzero |= row[i] != 0;
        if (is_nonzero) return 1;
    }
    return 0;
}

static void unpack(int format, const void *row, float *out, size_t n);

static void rows_add_transposed(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *g, size_t g_stride,
    size_t batch, float *y, size_t y_stride, float *scratch) {
    const size_t stride = transposed_stride(n);
    const struct product_target to = {y, y_stride, 1, 1};
    for (size_t first = 0; first < row_count; first += PRODUCT_DEPTH) {
        const size_t count = row_count - first < PRODUCT_DEPTH ? row_count - first : PRODUCT_DEPTH;
        if (!is_any_nonzero(g + first, g_stride, batch, count)) continue;
        for (size_t r = 0; r < count; r++) {
            unpack(format, (const uint8_t *)weights + (first + r) * row_bytes, scratch + r * stride, n);
        }
        product_block(batch, n, count, g + first, g_stride, 1, scratch, stride, to);
    }
}
