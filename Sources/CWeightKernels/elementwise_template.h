// Softmax, the gate of an MLP and rounding to 8-bit integers, with the same bits for every instruction set (sixteen_floats.h).
//
// A file includes this once, within its target attribute.

#include "sixteen_floats.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

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

static void quantise(const float *x, size_t n, int8_t *codes, float *scales, float *sums) {
    for (size_t g = 0; g < n / GROUP_WEIGHTS; g++, x += GROUP_WEIGHTS, codes += GROUP_WEIGHTS) {
        uint32_t bits[GROUP_WEIGHTS], largest_bits = 0;
        memcpy(bits, x, sizeof bits);
        for (int i = 0; i < GROUP_WEIGHTS; i++) {
            const uint32_t magnitude = bits[i] & 0x7fffffff;
            largest_bits = magnitude > largest_bits ? magnitude : largest_bits;
        }
        const float largest = float_from_bits(largest_bits);
        // Infinite or no number: so is the product. Below 1e-30 the reciprocal would be too large, and nothing is lost.
        const int is_finite = largest_bits < 0x7f800000;
        const float inverse = is_finite && largest >= 1e-30f ? 127 / largest : 0;
        int32_t sum = 0;
        for (int i = 0; i < GROUP_WEIGHTS; i++) {
            // Adding 1.5 * 2^23 rounds to the nearest whole number (to the even one of two), in the lowest bits.
            const float shifted = (is_finite ? x[i] : 0) * inverse + 12582912.0f;
            uint32_t shifted_bits;
            memcpy(&shifted_bits, &shifted, sizeof shifted);
            const int32_t code = (int32_t)(shifted_bits - 0x4b400000);
            codes[i] = (int8_t)code;
            sum += code;
        }
        scales[g] = is_finite ? (inverse > 0 ? largest / 127 : 0) : __builtin_nanf("");
        sums[g] = scales[g] * (float)sum;
    }
}

#pragma clang diagnostic pop
