// How keys, values and queries become words, and where they lie. Included by attention_template.h.

#ifndef HEADSTEER_ATTENTION_KEYS_VALUES_H
#define HEADSTEER_ATTENTION_KEYS_VALUES_H

SPECIALISED size_t words_of_head(int format, size_t head_size) {
    return format == INTEGERS ? (head_size + 1) / 2 : head_size;
}

SPECIALISED size_t columns_of_head(size_t head_size) { return (head_size + SIXTEEN - 1) / SIXTEEN * SIXTEEN; }

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

#endif
