// Scores: queries times a chunk's keys. Included by attention_template.h.

#ifndef HEADSTEER_ATTENTION_SCORES_H
#define HEADSTEER_ATTENTION_SCORES_H

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

#endif
