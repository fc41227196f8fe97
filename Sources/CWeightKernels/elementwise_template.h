// Softmax and the logistic function, with the same bits for every instruction set (sixteen_floats.h).
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

static void logistic(float *x, size_t n) {
    size_t i = 0;
    for (; i + SIXTEEN <= n; i += SIXTEEN) {
        store_sixteen(x + i, 1.0f / (exponential(-load_sixteen(x + i)) + 1.0f));
    }
    if (i < n) store_part(x + i, 1.0f / (exponential(-load_part(x + i, n - i, 0)) + 1.0f), n - i);
}

#pragma clang diagnostic pop
