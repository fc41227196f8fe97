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

// MARK: - Tiles

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

// MARK: - Keys, values and queries

SPECIALISED size_t words_of_head(int format, size_t head_size) {
    return format == INTEGERS ? (head_size + 1) / 2 : head_size;
}

SPECIALISED size_t columns_of_head(size_t head_size) { return (head_size + SIXTEEN - 1) / SIXTEEN * SIXTEEN; }

/// `count` values, at most 16, and zeros.
SPECIALISED sixteen_floats load_values(const float *source, size_t count) {
    return count < SIXTEEN ? load_part(source, count, 0) : load_sixteen(source);
}

/// The first `count` values, at most 16.
SPECIALISED void store_values(float *target, sixteen_floats values, size_t count) {
    if (count < SIXTEEN) {
        store_part(target, values, count);
    } else {
        store_sixteen(target, values);
    }
}

/// How values become codes: round(value · unit · factor), and the scale that brings them back.
struct rounding {
    float unit, factor, scale;
};

/// Codes whose norm is LARGEST_CODE, or else whose largest is.
///
/// Values that are all smaller than 1e-30 become 0; where one isn't finite, the scale is a NaN.
SPECIALISED struct rounding rounding_of(const float *x, size_t n, int by_norm) {
    sixteen_floats largest_of_lanes = {0};
    for (size_t i = 0; i < n; i += SIXTEEN) {
        const sixteen_floats part = load_values(x + i, n - i);
        sixteen_floats magnitude = (sixteen_floats)((sixteen_integers)part & 0x7fffffff);
        magnitude = choose(part == part, magnitude, all_lanes(__builtin_inff()));
        largest_of_lanes = choose(magnitude > largest_of_lanes, magnitude, largest_of_lanes);
    }
    const float largest = largest_of_sixteen(largest_of_lanes);
    if (!(largest < __builtin_inff())) return (struct rounding){0, 0, __builtin_nanf("")};
    if (largest < 1e-30f) return (struct rounding){0, 0, 0};
    const float unit = 1 / largest;
    if (!by_norm) return (struct rounding){unit, LARGEST_CODE, largest / LARGEST_CODE};
    sixteen_floats squares = {0};
    for (size_t i = 0; i < n; i += SIXTEEN) {
        const sixteen_floats part = load_values(x + i, n - i) * unit;
        squares += part * part;
    }
    const float norm = __builtin_elementwise_sqrt(sum_of_sixteen(squares));
    return (struct rounding){unit, LARGEST_CODE / norm, largest * (norm / LARGEST_CODE)};
}

/// Rounds to the nearest whole numbers (to the even one of two), of magnitudes up to 2^22.
SPECIALISED sixteen_integers nearest_integers(sixteen_floats x) {
    return (sixteen_integers)(x + 12582912.0f) - 0x4b400000;
}

typedef int16_t sixteen_codes __attribute__((vector_size(32)));

/// 16 codes; zeros for what isn't finite.
SPECIALISED sixteen_codes codes_of(const float *x, size_t count, struct rounding rounding) {
    if (rounding.factor == 0) return (sixteen_codes){0};
    const sixteen_floats scaled = load_values(x, count) * rounding.unit * rounding.factor;
    return __builtin_convertvector(nearest_integers(scaled), sixteen_codes);
}

/// Where the first word of a position's key is.
SPECIALISED size_t place_of_key(size_t words, size_t position) {
    return position / KEY_STRIDE * KEY_STRIDE * words + position % KEY_STRIDE;
}

/// The pair that a position's values belong to: positions 16 apart are one, so that vectors of codes are put together by a shift.
SPECIALISED size_t pair_of(size_t position) { return position / (2 * SIXTEEN) * SIXTEEN + position % SIXTEEN; }

static void store(
    int format, size_t head_size, const struct headsteer_keys_values *target, size_t position, const float *key,
    const float *value) {
    const size_t words = words_of_head(format, head_size), columns = columns_of_head(head_size);
    uint32_t *key_words = target->keys + place_of_key(words, position);
    if (format == FLOATS) {
        for (size_t i = 0; i < head_size; i++) memcpy(key_words + i * KEY_STRIDE, key + i, sizeof(float));
        memcpy(target->values + position * columns, value, head_size * sizeof(float));
        return;
    }
    const struct rounding of_key = rounding_of(key, head_size, 1), of_value = rounding_of(value, head_size, 0);
    target->key_scales[position] = of_key.scale;
    target->value_scales[position] = of_value.scale;
    uint16_t *value_codes = (uint16_t *)(target->values + pair_of(position) * columns) + position / SIXTEEN % 2;
    for (size_t i = 0; i < head_size; i += SIXTEEN) {
        const size_t count = head_size - i < SIXTEEN ? head_size - i : SIXTEEN;
        const sixteen_codes of_key_part = codes_of(key + i, count, of_key);
        const sixteen_codes of_value_part = codes_of(value + i, count, of_value);
        uint32_t k[SIXTEEN / 2];
        uint16_t v[SIXTEEN];
        memcpy(k, &of_key_part, sizeof k);
        memcpy(v, &of_value_part, sizeof v);
        for (size_t pair = 0; 2 * pair < count; pair++) key_words[(i / 2 + pair) * KEY_STRIDE] = k[pair];
        for (size_t lane = 0; lane < count; lane++) value_codes[2 * (i + lane)] = v[lane];
    }
}

static void queries(
    int format, size_t head_size, const float *source, size_t stride, size_t rows, uint32_t *words, float *scales) {
    const size_t count = words_of_head(format, head_size);
    for (size_t r = 0; r < rows; r++, source += stride, words += count) {
        if (format == FLOATS) {
            memcpy(words, source, head_size * sizeof(float));
            continue;
        }
        const struct rounding rounding = rounding_of(source, head_size, 1);
        scales[r] = rounding.scale;
        for (size_t i = 0; i < head_size; i += SIXTEEN) {
            const sixteen_codes codes = codes_of(source + i, head_size - i, rounding);
            const size_t pairs = count - i / 2 < SIXTEEN / 2 ? count - i / 2 : SIXTEEN / 2;
            memcpy(words + i / 2, &codes, pairs * sizeof *words);
        }
    }
}

// MARK: - Scores

/// Some of a part's rows, with what is known of them.
struct rows {
    const struct headsteer_attention_part *part;
    size_t first, end;
    /// [all rows][CHUNK]
    float *scores;
    /// What the sums of codes are multiplied by. [all rows]
    float *scales;
    /// What results are multiplied by before the mixture, multiplied by `add`, is added. [all rows]
    float *keep, *add;
    /// [all rows][CODES_STRIDE]
    uint32_t *codes;
};

/// The products of rows with the keys that they see; what lies between them may be anything.
static void multiply_keys(const struct rows *rows) {
    const struct headsteer_attention_part *part = rows->part;
    const size_t words = words_of_head(part->format, part->head_size);
    for (int first = 0; first < CHUNK / SIXTEEN; first += TILE_VECTORS) {
        for (size_t row = rows->first, count; row < rows->end; row += count) {
            count = rows_of_tile(row, rows->end);
            int begin = CHUNK, end = 0;
            for (size_t r = row; r < row + count; r++) {
                if (part->from[r] >= part->to[r]) continue;
                begin = part->from[r] < begin ? part->from[r] : begin;
                end = part->to[r] > end ? part->to[r] : end;
            }
            begin = begin / SIXTEEN > first ? begin / SIXTEEN : first;
            end = (end + SIXTEEN - 1) / SIXTEEN;
            end = end < first + TILE_VECTORS ? end : first + TILE_VECTORS;
            const int is_whole = end - begin == TILE_VECTORS;
            scores_function *const function = scores_functions[part->format][count - 1][is_whole];
            for (int block = begin; block < end; block += is_whole ? TILE_VECTORS : 1) {
                const size_t position = (size_t)block * SIXTEEN;
                function(
                    words, part->chunk.keys + place_of_key(words, position),
                    part->format == INTEGERS ? part->chunk.key_scales + position : NULL, part->queries + row * words,
                    part->format == INTEGERS ? part->query_scales + row : NULL,
                    rows->scores + row * CHUNK + position);
            }
        }
    }
}

/// The products of rows with their own keys.
static void multiply_own_keys(const struct rows *rows) {
    const struct headsteer_attention_part *part = rows->part;
    const size_t words = words_of_head(part->format, part->head_size);
    float products[TILE_ROWS * CHUNK];
    for (size_t row = rows->first, count; row < rows->end; row += count) {
        count = rows_of_tile(row, rows->end);
        scores_functions[part->format][count - 1][0](
            words, part->own->keys, part->own->key_scales, part->queries + row * words,
            part->format == INTEGERS ? part->query_scales + row : NULL, products);
        for (size_t r = row; r < row + count; r++) {
            rows->scores[r * CHUNK + (size_t)part->to[r]] = products[(r - row) * CHUNK + r / part->rows_of_own];
        }
    }
}

// MARK: - Weights

/// e^x for x <= 0 (or a NaN), to within a relative 2e-7 + 2e-9 |x|; below -80 it is that of -80, which is as good as nothing.
///
/// In fewer steps than `exponential`: 2^n needs one factor, and n ln 2 one product where products are fused. The polynomial is
/// within 3e-9 of e^r, relatively, for |r| <= ln 2 / 2 (a least-squares fit with Lawson's weights).
SPECIALISED sixteen_floats exponential_of_negative(sixteen_floats x) {
    const sixteen_floats clamped = choose(x < -80.0f, all_lanes(-80.0f), x);
    const sixteen_floats shifted = MULTIPLY_ADD(clamped, all_lanes(1.4426950408889634f), all_lanes(12582912.0f));
    const sixteen_floats n = shifted - 12582912.0f;
    const sixteen_floats r = MULTIPLY_ADD(n, all_lanes(-0.6931471805599453f), clamped);
    sixteen_floats p = MULTIPLY_ADD(r, all_lanes(1.38146104e-3f), all_lanes(8.36871099e-3f));
    p = MULTIPLY_ADD(p, r, all_lanes(4.16683890e-2f));
    p = MULTIPLY_ADD(p, r, all_lanes(1.66665211e-1f));
    p = MULTIPLY_ADD(p, r, all_lanes(4.99999940e-1f));
    p = MULTIPLY_ADD(p, r, all_lanes(1));
    p = MULTIPLY_ADD(p, r, all_lanes(1));
    return p * (sixteen_floats)(((sixteen_integers)shifted << 23) + 0x3f800000);
}

/// What results so far and a further part's results are multiplied by, 16 rows.
struct factors {
    sixteen_floats keep, add;
};

/// Takes a part's largest scores and sums into account, of `count` rows or the first 16 of them.
SPECIALISED struct factors merge_sums(
    size_t count, float *largest, float *sums, const float *part_largest, const float *part_sums) {
    const sixteen_floats old = load_values(largest, count), other = load_values(part_largest, count);
    const sixteen_floats both = choose(other > old, other, old);
    const sixteen_floats keep = exponential_of_negative(old - both), add = exponential_of_negative(other - both);
    store_values(largest, both, count);
    store_values(
        sums, MULTIPLY_ADD(load_values(part_sums, count), add, load_values(sums, count) * keep), count);
    return (struct factors){keep, add};
}

/// The positions of a vector that a row sees: -1, else 0.
SPECIALISED sixteen_integers seen_positions(int first, int from, int to) {
    const sixteen_integers lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return (lanes >= from - first) & (lanes < to - first);
}

/// A row's positions are taken four vectors at a time, each with its own partial result: their steps overlap.
enum { ABREAST = 4, TOGETHER = ABREAST * SIXTEEN };

/// Turns a row's products into scores; returns the largest. What the row doesn't see becomes NO_SCORE. `is_whole`, a constant,
/// says that it sees the whole chunk.
SPECIALISED float finish_scores(
    const struct headsteer_attention_part *part, float *row, int from, int to, int is_whole) {
    sixteen_floats largest[ABREAST];
    UNROLL for (int v = 0; v < ABREAST; v++) largest[v] = all_lanes(NO_SCORE);
    const float scale = part->scale, cap = part->soft_cap;
    for (int first = from / TOGETHER * TOGETHER; first < to; first += TOGETHER) {
        UNROLL for (int v = 0; v < ABREAST; v++) {
            const int i = first + v * SIXTEEN;
            sixteen_floats score = load_sixteen(row + i) * scale;
            if (cap != 0) score = hyperbolic_tangent(score / cap) * cap;
            if (!is_whole) score = choose(seen_positions(i, from, to), score, all_lanes(NO_SCORE));
            store_sixteen(row + i, score);
            largest[v] = choose(score > largest[v], score, largest[v]);
        }
    }
    largest[0] = choose(largest[1] > largest[0], largest[1], largest[0]);
    largest[2] = choose(largest[3] > largest[2], largest[3], largest[2]);
    return largest_of_sixteen(choose(largest[2] > largest[0], largest[2], largest[0]));
}

SPECIALISED float sum_of_all(const sixteen_floats *sums) {
    return sum_of_sixteen((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/// The scale of each of 16 positions' values, 0 for those that a row doesn't see.
SPECIALISED sixteen_floats scales_of_values(
    const struct headsteer_attention_part *part, size_t r, int i, int from, int to, int is_whole) {
    sixteen_floats scales = load_sixteen(part->chunk.value_scales + i);
    if (is_whole) return scales;
    if (part->own) {
        const sixteen_floats own = all_lanes(part->own->value_scales[r / part->rows_of_own]);
        scales = choose(seen_positions(i, to - 1, to), own, scales);
    }
    return (sixteen_floats)((sixteen_integers)scales & seen_positions(i, from, to));
}

/// A row's weights' sum, and that of the weights times the scales of the values.
struct sums {
    float weights, scaled;
};

/// Turns a row's scores into weights, for integers times the scales of the values.
SPECIALISED struct sums weigh(
    const struct headsteer_attention_part *part, int format, size_t r, float *row, int from, int to, int is_whole,
    float largest) {
    sixteen_floats sums[ABREAST] = {{0}}, scaled_sums[ABREAST] = {{0}};
    for (int first = from / TOGETHER * TOGETHER; first < to; first += TOGETHER) {
        UNROLL for (int v = 0; v < ABREAST; v++) {
            const int i = first + v * SIXTEEN;
            sixteen_floats weights = exponential_of_negative(load_sixteen(row + i) - largest);
            if (!is_whole) weights = (sixteen_floats)((sixteen_integers)weights & seen_positions(i, from, to));
            sums[v] += weights;
            if (format == INTEGERS) {
                weights *= scales_of_values(part, r, i, from, to, is_whole);
                scaled_sums[v] += weights;
            }
            store_sixteen(row + i, weights);
        }
    }
    return (struct sums){sum_of_all(sums), format == INTEGERS ? sum_of_all(scaled_sums) : 0};
}

/// Weights whose sum is given become codes whose sum is about LARGEST_CODE; returns the scale.
SPECIALISED float round_weights(const float *row, int from, int to, float sum, int is_whole, uint32_t *codes) {
    // Infinite or no number: so is the result. Below 1e-30 the reciprocal would be too large, and nothing is lost.
    const int is_rounded = sum < __builtin_inff() && sum >= 1e-30f;
    if (!is_whole || !is_rounded) memset(codes, 0, CODES_STRIDE * sizeof *codes);
    if (!is_rounded) return sum < 1e-30f ? 0 : __builtin_nanf("");
    const float factor = LARGEST_CODE / sum;
    for (int first = from / TOGETHER * TOGETHER; first < to; first += TOGETHER) {
        UNROLL for (int i = first; i < first + TOGETHER; i += 2 * SIXTEEN) {
            const sixteen_integers low = nearest_integers(load_sixteen(row + i) * factor);
            const sixteen_integers high = nearest_integers(load_sixteen(row + i + SIXTEEN) * factor);
            const sixteen_integers pairs = (low & 0xffff) | high << 16;
            memcpy(codes + i / 2, &pairs, sizeof pairs);
        }
    }
    return sum / LARGEST_CODE;
}

/// Takes the code of a row's own position from the others: it goes with a value of its own.
SPECIALISED void separate_own_code(uint32_t *codes, int own) {
    uint32_t *pair = codes + pair_of((size_t)own);
    const int shift = own / SIXTEEN % 2 * 16;
    codes[CODES] = *pair >> shift & 0xffff;
    *pair &= ~((uint32_t)0xffff << shift);
}

/// The positions that a row sees, its own included.
struct seen {
    int from, to, is_whole;
};

SPECIALISED struct seen seen_by(const struct headsteer_attention_part *part, size_t r) {
    if (part->own) return (struct seen){part->from[r], part->to[r] + 1, 0};
    return (struct seen){part->from[r], part->to[r], part->from[r] == 0 && part->to[r] == CHUNK};
}

/// Turns rows' products into weights, for integers into codes, and takes them into account in the largest scores and the sums: one
/// thing after the other for all rows, so that none waits for its own results. `format` is a constant.
SPECIALISED void weigh_rows(const struct rows *rows, int format) {
    const struct headsteer_attention_part *part = rows->part;
    float largest[BAND_ROWS], sums[BAND_ROWS];
    for (size_t r = rows->first; r < rows->end; r++) {
        const struct seen seen = seen_by(part, r);
        float *row = rows->scores + r * CHUNK;
        largest[r - rows->first] = seen.is_whole ? finish_scores(part, row, 0, CHUNK, 1)
                                                 : finish_scores(part, row, seen.from, seen.to, 0);
        if (part->scores && seen.from < seen.to) {
            memcpy(part->scores[r] + seen.from, row + seen.from, (size_t)(seen.to - seen.from) * sizeof(float));
        }
    }
    for (size_t r = rows->first; r < rows->end; r++) {
        const struct seen seen = seen_by(part, r);
        float *row = rows->scores + r * CHUNK;
        const size_t i = r - rows->first;
        const struct sums both = seen.is_whole ? weigh(part, format, r, row, 0, CHUNK, 1, largest[i])
                                               : weigh(part, format, r, row, seen.from, seen.to, 0, largest[i]);
        sums[i] = both.weights;
        if (format == INTEGERS) rows->scales[r] = both.scaled;
    }
    if (format == INTEGERS) {
        for (size_t r = rows->first; r < rows->end; r++) {
            const struct seen seen = seen_by(part, r);
            const float *row = rows->scores + r * CHUNK;
            uint32_t *codes = rows->codes + r * CODES_STRIDE;
            float *sum = rows->scales + r;
            *sum = seen.is_whole ? round_weights(row, 0, CHUNK, *sum, 1, codes)
                                 : round_weights(row, seen.from, seen.to, *sum, 0, codes);
            if (part->own) separate_own_code(codes, seen.to - 1);
        }
    }
    for (size_t r = rows->first; r < rows->end; r += SIXTEEN) {
        const size_t i = r - rows->first, count = rows->end - r;
        const struct factors factors =
            merge_sums(count, part->largest + r, part->sums + r, largest + i, sums + i);
        store_values(rows->keep + r, factors.keep, count);
        store_values(rows->add + r, factors.add, count);
    }
}

// MARK: - Mixtures

/// A tile of a mixture: at most TILE_ROWS rows, and the columns from `column` on.
struct tile {
    size_t row, count, column, columns;
    /// Whether there are TILE_VECTORS vectors of columns, or one.
    int is_whole;
};

SPECIALISED mixture_function *function_of(int format, const struct tile *tile, size_t rows) {
    return mixture_functions[format][rows - 1][tile->is_whole];
}

/// Adds the tile's rows' own positions to their sums.
static void mix_own(const struct rows *rows, const struct tile *tile, float *partial) {
    const struct headsteer_attention_part *part = rows->part;
    for (size_t r = 0; r < tile->count; r++) {
        const size_t row = tile->row + r, place = row / part->rows_of_own;
        const uint32_t *weight = part->format == INTEGERS
                                     ? rows->codes + row * CODES_STRIDE + CODES
                                     : (const uint32_t *)rows->scores + row * CHUNK + part->to[row];
        function_of(part->format, tile, 1)(
            tile->columns, 1, part->own->values + place * tile->columns + tile->column, weight,
            partial + r * TILE_COLUMNS, NULL);
    }
}

/// Adds up floats of some rows of a tile; what a row doesn't see has no part in its sums, whatever it is.
SPECIALISED void mix_positions(
    const struct rows *rows, const struct tile *tile, size_t row, size_t count, int32_t from, int32_t to,
    float *partial, const struct results *results) {
    if (from >= to) return;
    function_of(FLOATS, tile, count)(
        tile->columns, (size_t)(to - from),
        rows->part->chunk.values + (size_t)from * tile->columns + tile->column,
        (const uint32_t *)rows->scores + row * CHUNK + from, partial, results);
}

/// The positions that all rows of a tile see go together; those before and behind them row by row.
///
/// @return 1 if the results are written.
static int mix_floats(
    const struct rows *rows, const struct tile *tile, float *partial, const struct results *results) {
    const int32_t *from = rows->part->from + tile->row, *to = rows->part->to + tile->row;
    int32_t begin = from[0], end = to[0];
    int is_same = 1;
    for (size_t r = 1; r < tile->count; r++) {
        is_same &= from[r] == from[0] && to[r] == to[0];
        begin = from[r] > begin ? from[r] : begin;
        end = to[r] < end ? to[r] : end;
    }
    if (is_same && begin < end && !rows->part->own) {
        mix_positions(rows, tile, tile->row, tile->count, begin, end, NULL, results);
        return 1;
    }
    if (begin > end) begin = end = CHUNK;
    for (size_t r = 0; r < tile->count; r++) {
        const int32_t last = to[r] < begin ? to[r] : begin;
        mix_positions(rows, tile, tile->row + r, 1, from[r], last, partial + r * TILE_COLUMNS, NULL);
    }
    mix_positions(rows, tile, tile->row, tile->count, begin, end, partial, NULL);
    for (size_t r = 0; r < tile->count; r++) {
        const int32_t first = from[r] > end ? from[r] : end;
        mix_positions(rows, tile, tile->row + r, 1, first, to[r], partial + r * TILE_COLUMNS, NULL);
    }
    return 0;
}

/// Integers: what a row doesn't see has the code 0.
static int mix_integers(
    const struct rows *rows, const struct tile *tile, float *partial, const struct results *results) {
    const int32_t *from = rows->part->from + tile->row, *to = rows->part->to + tile->row;
    int32_t begin = CHUNK, end = 0;
    for (size_t r = 0; r < tile->count; r++) {
        if (from[r] >= to[r]) continue;
        begin = from[r] < begin ? from[r] : begin;
        end = to[r] > end ? to[r] : end;
    }
    if (begin >= end) return 0;
    // The pairs of which at least one position is seen.
    const int32_t before = begin % (2 * SIXTEEN), behind = end % (2 * SIXTEEN);
    const size_t first = (size_t)(begin - before) / 2 + (size_t)(before > SIXTEEN ? before - SIXTEEN : 0);
    const size_t last = (size_t)(end - behind) / 2 + (size_t)(behind < SIXTEEN ? behind : SIXTEEN);
    const int has_results = !rows->part->own;
    function_of(INTEGERS, tile, tile->count)(
        tile->columns, last - first, rows->part->chunk.values + first * tile->columns + tile->column,
        rows->codes + tile->row * CODES_STRIDE + first, partial, has_results ? results : NULL);
    return has_results;
}

static void mix(const struct rows *rows, const struct tile *tile) {
    const struct headsteer_attention_part *part = rows->part;
    const struct results results = {
        part->z + tile->row * tile->columns + tile->column, rows->keep + tile->row, rows->add + tile->row,
        rows->scales + tile->row};
    float partial[TILE_ROWS * TILE_COLUMNS];
    memset(partial, 0, sizeof partial);
    const int is_done = part->format == INTEGERS ? mix_integers(rows, tile, partial, &results)
                                                 : mix_floats(rows, tile, partial, &results);
    if (is_done) return;
    if (part->own) mix_own(rows, tile, partial);
    for (size_t r = 0; r < tile->count; r++) {
        for (size_t i = 0; i < (tile->is_whole ? TILE_COLUMNS : SIXTEEN); i += SIXTEEN) {
            const sixteen_floats sum = load_sixteen(partial + r * TILE_COLUMNS + i);
            if (part->format == INTEGERS) {
                add_to_results(INTEGERS, sum, &results, r, r * tile->columns + i);
            } else {
                add_to_results(FLOATS, sum, &results, r, r * tile->columns + i);
            }
        }
    }
}

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
