// Softmax, the gate of an MLP and rounding to 8-bit integers, the same for every instruction set: the compiler turns vectors of 16 floats into what the
// processor has. Only operations that every processor rounds alike are used, and sums have one order, so the results
// have the same bits everywhere.
//
// A file includes this once, within its target attribute.

#pragma STDC FP_CONTRACT OFF

// Vectors wider than the processor's are passed between inlined functions only: no calling convention is at stake.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef float sixteen_floats __attribute__((vector_size(64)));
typedef int32_t sixteen_integers __attribute__((vector_size(64)));

enum { SIXTEEN = 16 };

SPECIALISED sixteen_floats load_sixteen(const float *source) {
    sixteen_floats result;
    memcpy(&result, source, sizeof result);
    return result;
}

SPECIALISED void store_sixteen(float *target, sixteen_floats value) { memcpy(target, &value, sizeof value); }

/// Each lane of `a` where `mask` is -1, of `b` where it is 0.
SPECIALISED sixteen_floats choose(sixteen_integers mask, sixteen_floats a, sixteen_floats b) {
    return (sixteen_floats)(((sixteen_integers)a & mask) | ((sixteen_integers)b & ~mask));
}

/// e^x to within 2 units in the last place of float32.
///
/// x = n ln 2 + r with |r| <= ln 2 / 2, and e^r by a polynomial of degree 6 (Cody & Waite 1980 for the reduction in two
/// steps; coefficients as in the Cephes library). Below -87.3 the result is 0, above 88.7 it is infinite.
SPECIALISED sixteen_floats exponential(sixteen_floats x) {
    const sixteen_integers is_low = x < -87.33654f, is_high = x > 88.72283f;
    sixteen_floats clamped = choose(is_low, (sixteen_floats){0} - 87.33654f, x);
    clamped = choose(is_high, (sixteen_floats){0} + 88.72283f, clamped);
    // Adding 1.5 * 2^23 rounds to the nearest whole number, which then stands in the lowest bits.
    const sixteen_floats shifted = clamped * 1.4426950408889634f + 12582912.0f;
    const sixteen_floats n = shifted - 12582912.0f;
    const sixteen_floats r = (clamped - n * 0.693359375f) - n * -2.12194440054690058e-4f;
    sixteen_floats p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const sixteen_floats mantissa = (p * (r * r) + r) + 1.0f;
    // 2^n in two factors, so that n = 128 and the subnormal end stay within range.
    const sixteen_integers exponent = (sixteen_integers)shifted - 0x4b400000;
    const sixteen_integers half = exponent >> 1;
    const sixteen_floats first = (sixteen_floats)((half + 127) << 23);
    const sixteen_floats second = (sixteen_floats)((exponent - half + 127) << 23);
    sixteen_floats result = mantissa * first * second;
    result = choose(is_low, (sixteen_floats){0}, result);
    result = choose(is_high, (sixteen_floats){0} + __builtin_inff(), result);
    return choose(x != x, x, result);
}

/// The sum of the lanes: those 8 apart first, then 4, 2 and 1.
SPECIALISED float sum_of_sixteen(sixteen_floats v) {
    float eight[8], four[4];
    for (int i = 0; i < 8; i++) eight[i] = v[i] + v[i + 8];
    for (int i = 0; i < 4; i++) four[i] = eight[i] + eight[i + 4];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

/// `count` < 16 values, and behind them `filling`.
SPECIALISED sixteen_floats load_part(const float *source, size_t count, float filling) {
    float values[SIXTEEN];
    for (size_t i = 0; i < SIXTEEN; i++) values[i] = filling;
    memcpy(values, source, count * sizeof(float));
    return load_sixteen(values);
}

SPECIALISED void store_part(float *target, sixteen_floats value, size_t count) {
    float values[SIXTEEN];
    store_sixteen(values, value);
    memcpy(target, values, count * sizeof(float));
}

static void softmax(float *x, size_t n, float factor) {
    const float infinity = __builtin_inff();
    const size_t whole = n / SIXTEEN * SIXTEEN;
    sixteen_floats largest_of_lanes = (sixteen_floats){0} - infinity;
    for (size_t i = 0; i < whole; i += SIXTEEN) {
        const sixteen_floats scaled = load_sixteen(x + i) * factor;
        store_sixteen(x + i, scaled);
        largest_of_lanes = choose(scaled > largest_of_lanes, scaled, largest_of_lanes);
    }
    if (whole < n) {
        const sixteen_floats scaled = load_part(x + whole, n - whole, 0) * factor;
        store_part(x + whole, scaled, n - whole);
    }
    float largest = -infinity;
    for (int lane = 0; lane < SIXTEEN; lane++) {
        if (largest_of_lanes[lane] > largest) largest = largest_of_lanes[lane];
    }
    for (size_t i = whole; i < n; i++) {
        if (x[i] > largest) largest = x[i];
    }
    sixteen_floats sums = {0};
    for (size_t i = 0; i < whole; i += SIXTEEN) {
        const sixteen_floats e = exponential(load_sixteen(x + i) - largest);
        store_sixteen(x + i, e);
        sums += e;
    }
    if (whole < n) {
        // What fills up the lanes adds nothing: e to the power of minus infinity.
        const sixteen_floats e = exponential(load_part(x + whole, n - whole, -infinity) - largest);
        store_part(x + whole, e, n - whole);
        sums += e;
    }
    const float inverse = 1 / sum_of_sixteen(sums);
    for (size_t i = 0; i < whole; i += SIXTEEN) store_sixteen(x + i, load_sixteen(x + i) * inverse);
    for (size_t i = whole; i < n; i++) x[i] *= inverse;
}

static void gate(const float *g, const float *u, float *y, size_t n) {
    size_t i = 0;
    for (; i + SIXTEEN <= n; i += SIXTEEN) {
        const sixteen_floats x = load_sixteen(g + i);
        store_sixteen(y + i, x / (exponential(-x) + 1.0f) * load_sixteen(u + i));
    }
    if (i < n) {
        const sixteen_floats x = load_part(g + i, n - i, 0);
        store_part(y + i, x / (exponential(-x) + 1.0f) * load_part(u + i, n - i, 0), n - i);
    }
}

/// What a group's numbers add up to, from the sums of each plane's first and last 16 codes.
SPECIALISED void set_group_sums(int planes, float scale, const int32_t sums[3][2], struct headsteer_group *group) {
    int32_t high[2], low[2], whole[2];
    for (int half = 0; half < 2; half++) {
        high[half] = planes == 1 ? 0 : 256 * sums[0][half] + sums[1][half];
        low[half] = planes == 1 ? sums[0][half] : sums[2][half];
        whole[half] = 256 * high[half] + low[half];
        group->half_sums[half] = scale * (float)whole[half];
        group->half_minus_high[half] = -high[half];
        group->half_minus_low[half] = -low[half];
    }
    group->scale = scale;
    group->sum = scale * (float)(whole[0] + whole[1]);
    group->minus_high = -high[0] - high[1];
    group->minus_low = -low[0] - low[1];
}

/// Adding 1.5 * 2^23 rounds to the nearest whole number (to the even one of two), in the lowest bits.
SPECIALISED int32_t rounded_number(float x) {
    const float shifted = x + 12582912.0f;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return (int32_t)(bits - 0x4b400000);
}

SPECIALISED void round_in_one_plane(
    const float *x, float largest, int is_finite, int8_t *codes, struct headsteer_group *group) {
    // Below 1e-30 the reciprocal would be too large, and nothing is lost.
    const float inverse = is_finite && largest >= 1e-30f ? 127 / largest : 0;
    int32_t sums[3][2] = {{0}};
    for (int i = 0; i < GROUP_WEIGHTS; i++) {
        const int32_t code = rounded_number((is_finite ? x[i] : 0) * inverse);
        codes[i] = (int8_t)code;
        sums[0][i / 16] += code;
    }
    set_group_sums(1, is_finite ? (inverse > 0 ? largest / 127 : 0) : __builtin_nanf(""), sums, group);
}

/// The largest number that three planes of -128...127 hold.
#define LARGEST_OF_THREE_PLANES 8355711.0f

SPECIALISED void round_in_three_planes(
    const float *x, float largest, int is_finite, int8_t *codes, struct headsteer_group *group) {
    // A power of two that makes the largest at least 2^22, and so that it fits; below 2^-104 some bits are lost.
    uint32_t bits;
    memcpy(&bits, &largest, sizeof bits);
    int exponent = 127 + 22 - (int)(bits >> 23);
    if (float_from_bits((bits & 0x7fffff) | (127 + 22) << 23) > LARGEST_OF_THREE_PLANES) exponent--;
    if (exponent > 126) exponent = 126;
    const float factor = float_from_bits((uint32_t)(127 + exponent) << 23);
    int32_t sums[3][2] = {{0}};
    for (int i = 0; i < GROUP_WEIGHTS; i++) {
        // Half-way cases are as in `rounded_number`, whose range is too small: the processor's own rounding.
        const int32_t number = (int32_t)__builtin_rintf((is_finite ? x[i] : 0) * factor);
        const int32_t upper = (number + 128) >> 8, top = (upper + 128) >> 8;
        codes[i] = (int8_t)top;
        codes[GROUP_WEIGHTS + i] = (int8_t)(upper - 256 * top);
        codes[2 * GROUP_WEIGHTS + i] = (int8_t)(number - 256 * upper);
        sums[0][i / 16] += top;
        sums[1][i / 16] += upper - 256 * top;
        sums[2][i / 16] += number - 256 * upper;
    }
    const float scale = float_from_bits((uint32_t)(127 - exponent) << 23);
    set_group_sums(3, is_finite ? scale : __builtin_nanf(""), sums, group);
}

static void round_values(const float *x, size_t n, int planes, int8_t *codes, struct headsteer_group *groups) {
    for (size_t g = 0; g < n / GROUP_WEIGHTS; g++, x += GROUP_WEIGHTS, codes += planes * GROUP_WEIGHTS) {
        uint32_t bits[GROUP_WEIGHTS], largest_bits = 0;
        memcpy(bits, x, sizeof bits);
        for (int i = 0; i < GROUP_WEIGHTS; i++) {
            const uint32_t magnitude = bits[i] & 0x7fffffff;
            largest_bits = magnitude > largest_bits ? magnitude : largest_bits;
        }
        // Infinite or no number: so is the product.
        const int is_finite = largest_bits < 0x7f800000;
        const float largest = float_from_bits(largest_bits);
        if (planes == 1) {
            round_in_one_plane(x, largest, is_finite, codes, groups + g);
        } else {
            round_in_three_planes(x, largest, is_finite, codes, groups + g);
        }
    }
}

#pragma clang diagnostic pop
