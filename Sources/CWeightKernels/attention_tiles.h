// The products of attention, a tile at a time. Included by attention_template.h.

#ifndef HEADSTEER_ATTENTION_TILES_H
#define HEADSTEER_ATTENTION_TILES_H

/// Adds a step's products to a tile's sums. `format` is a constant.
SPECIALISED sixteen_floats add_step(int format, uint32_t a, sixteen_floats b, sixteen_floats sum) {
    if (format == INTEGERS) {
        return (sixteen_floats)add_products((sixteen_integers)sum, (int32_t)a, (sixteen_integers)b);
    }
    return MULTIPLY_ADD(all_lanes(float_from_bits(a)), b, sum);
}

SPECIALISED sixteen_floats load_words(const uint32_t *source) {
    sixteen_floats result;
    memcpy(&result, source, sizeof result);
    return result;
}

/// Asks for some vectors that come soon: the processor's own prefetching begins anew with every page. A hint, not an access:
/// it does nothing at addresses that aren't mapped.
SPECIALISED void prefetch(const uint32_t *next, int vectors) {
    UNROLL for (int v = 0; v < vectors; v++) __builtin_prefetch(next + v * SIXTEEN);
}

/// Scores of `rows` queries with `vectors` times 16 keys. `format`, `rows` and `vectors` are constants.
SPECIALISED void scores_tile(
    int format, int rows, int vectors, size_t words, const uint32_t *keys, const float *key_scales,
    const uint32_t *queries, const float *query_scales, float *scores) {
    sixteen_floats sums[TILE_ROWS][TILE_VECTORS];
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = (sixteen_floats){0};
    }
    for (size_t step = 0; step < words; step++) {
        sixteen_floats b[TILE_VECTORS];
        UNROLL for (int v = 0; v < vectors; v++) b[v] = load_words(keys + step * KEY_STRIDE + v * SIXTEEN);
        prefetch(keys + (step + STEPS_AHEAD) * KEY_STRIDE, vectors);
        UNROLL for (int r = 0; r < rows; r++) {
            const uint32_t a = queries[(size_t)r * words + step];
            UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = add_step(format, a, b[v], sums[r][v]);
        }
    }
    UNROLL for (int v = 0; v < vectors; v++) {
        const sixteen_floats scales = format == INTEGERS ? load_sixteen(key_scales + v * SIXTEEN) : (sixteen_floats){0};
        UNROLL for (int r = 0; r < rows; r++) {
            sixteen_floats result = sums[r][v];
            if (format == INTEGERS) {
                result = __builtin_convertvector((sixteen_integers)result, sixteen_floats) * scales * query_scales[r];
            }
            store_sixteen(scores + r * CHUNK + v * SIXTEEN, result);
        }
    }
}

/// Where a tile's mixture goes: z becomes z · keep + sum · add, for each row, where a sum of codes is multiplied by its scale first.
struct results {
    float *z;
    const float *keep, *add, *scales;
};

SPECIALISED void merge_sixteen(sixteen_floats sum, float *z, float keep, float add) {
    store_sixteen(z, MULTIPLY_ADD(sum, all_lanes(add), load_sixteen(z) * keep));
}

/// 16 columns of one row. `format` is a constant.
SPECIALISED void add_to_results(
    int format, sixteen_floats sum, const struct results *results, size_t row, size_t offset) {
    if (format == INTEGERS) {
        sum = __builtin_convertvector((sixteen_integers)sum, sixteen_floats) * results->scales[row];
    }
    merge_sixteen(sum, results->z + offset, results->keep[row], results->add[row]);
}

/// The values of `steps` positions (or pairs), weighted and added up: `rows` rows of `vectors` times 16 columns. `format`, `rows` and
/// `vectors` are constants.
///
/// With results, all of a mixture is computed; without, `sums` (rows TILE_COLUMNS apart) gets a part of it.
SPECIALISED void mixture_tile(
    int format, int rows, int vectors, size_t columns, size_t steps, const uint32_t *values, const uint32_t *weights,
    float *partial, const struct results *results) {
    const size_t stride = format == INTEGERS ? CODES_STRIDE : CHUNK;
    sixteen_floats sums[TILE_ROWS][TILE_VECTORS];
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            sums[r][v] = results ? (sixteen_floats){0} : load_sixteen(partial + r * TILE_COLUMNS + v * SIXTEEN);
        }
    }
    for (size_t step = 0; step < steps; step++) {
        sixteen_floats b[TILE_VECTORS];
        UNROLL for (int v = 0; v < vectors; v++) b[v] = load_words(values + step * columns + v * SIXTEEN);
        prefetch(values + (step + STEPS_AHEAD) * columns, vectors);
        UNROLL for (int r = 0; r < rows; r++) {
            const uint32_t a = weights[(size_t)r * stride + step];
            UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = add_step(format, a, b[v], sums[r][v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            if (results) {
                add_to_results(format, sums[r][v], results, (size_t)r, (size_t)r * columns + v * SIXTEEN);
            } else {
                store_sixteen(partial + r * TILE_COLUMNS + v * SIXTEEN, sums[r][v]);
            }
        }
    }
}

typedef void scores_function(
    size_t words, const uint32_t *keys, const float *key_scales, const uint32_t *queries, const float *query_scales,
    float *scores);
typedef void mixture_function(
    size_t columns, size_t steps, const uint32_t *values, const uint32_t *weights, float *partial,
    const struct results *results);

#define DEFINE_TILES(FORMAT, ROWS, VECTORS, NAME)                                                                     \
    static __attribute__((noinline)) void scores_##FORMAT##_##ROWS##_##NAME(                                          \
        size_t words, const uint32_t *keys, const float *key_scales, const uint32_t *queries,                         \
        const float *query_scales, float *scores) {                                                                   \
        scores_tile(FORMAT, ROWS, VECTORS, words, keys, key_scales, queries, query_scales, scores);                   \
    }                                                                                                                 \
    static __attribute__((noinline)) void mixture_##FORMAT##_##ROWS##_##NAME(                                         \
        size_t columns, size_t steps, const uint32_t *values, const uint32_t *weights, float *partial,                \
        const struct results *results) {                                                                              \
        mixture_tile(FORMAT, ROWS, VECTORS, columns, steps, values, weights, partial, results);                       \
    }
#define FOR_EACH_ROWS(CASE, FORMAT)                                                                                   \
    CASE(FORMAT, 1) CASE(FORMAT, 2) CASE(FORMAT, 3) CASE(FORMAT, 4) CASE(FORMAT, 5) CASE(FORMAT, 6)
#define DEFINE_BOTH(FORMAT, ROWS)                                                                                     \
    DEFINE_TILES(FORMAT, ROWS, 1, one)                                                                                \
    DEFINE_TILES(FORMAT, ROWS, TILE_VECTORS, all)
FOR_EACH_ROWS(DEFINE_BOTH, FLOATS)
FOR_EACH_ROWS(DEFINE_BOTH, INTEGERS)
#undef DEFINE_BOTH
#undef DEFINE_TILES

/// For 1 to TILE_ROWS rows: one vector, and TILE_VECTORS.
#define PAIR(FORMAT, ROWS) {scores_##FORMAT##_##ROWS##_one, scores_##FORMAT##_##ROWS##_all},
static scores_function *const scores_functions[2][TILE_ROWS][2] = {
    {FOR_EACH_ROWS(PAIR, FLOATS)},
    {FOR_EACH_ROWS(PAIR, INTEGERS)},
};
#undef PAIR
#define PAIR(FORMAT, ROWS) {mixture_##FORMAT##_##ROWS##_one, mixture_##FORMAT##_##ROWS##_all},
static mixture_function *const mixture_functions[2][TILE_ROWS][2] = {
    {FOR_EACH_ROWS(PAIR, FLOATS)},
    {FOR_EACH_ROWS(PAIR, INTEGERS)},
};
#undef PAIR

/// The rows of the tile that begins at `row`: tiles of about the same size.
SPECIALISED size_t rows_of_tile(size_t row, size_t rows) {
    const size_t tiles = (rows - row + TILE_ROWS - 1) / TILE_ROWS;
    return (rows - row + tiles - 1) / tiles;
}

#endif
