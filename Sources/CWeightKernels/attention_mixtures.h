// Mixtures: weights times a chunk's values. Included by attention_template.h.

#ifndef HEADSTEER_ATTENTION_MIXTURES_H
#define HEADSTEER_ATTENTION_MIXTURES_H

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

#endif
