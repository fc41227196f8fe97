// From scores to the weights of softmax, chunk by chunk. Included by attention_template.h.

#ifndef HEADSTEER_ATTENTION_WEIGHTS_H
#define HEADSTEER_ATTENTION_WEIGHTS_H

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

#endif
