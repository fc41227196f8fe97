// Vectors of 16 floats, the same for every instruction set: the compiler turns them into what the processor has. Only
// operations that every processor rounds alike are used, and sums have one order, so the results have the same bits everywhere.
//
// It has to be included within a target attribute.

#ifndef HEADSTEER_SIXTEEN_FLOATS_H
#define HEADSTEER_SIXTEEN_FLOATS_H

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

SPECIALISED sixteen_floats all_lanes(float x) {
    return (sixteen_floats){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}

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

/// tanh(x) to within a few units in the last place (Cody & Waite 1980; coefficients as in the Cephes library).
SPECIALISED sixteen_floats hyperbolic_tangent(sixteen_floats x) {
    const sixteen_integers sign = (sixteen_integers)x & (int32_t)0x80000000;
    const sixteen_floats magnitude = (sixteen_floats)((sixteen_integers)x & 0x7fffffff);
    const sixteen_floats square = x * x;
    sixteen_floats p = square * -5.70498872745e-3f + 2.06390887954e-2f;
    p = p * square - 5.37397155531e-2f;
    p = p * square + 1.33314422036e-1f;
    p = p * square - 3.33332819422e-1f;
    const sixteen_floats near = p * square * x + x;
    const sixteen_floats far = 1.0f - 2.0f / (exponential(magnitude + magnitude) + 1.0f);
    return choose(magnitude < 0.625f, near, (sixteen_floats)((sixteen_integers)far | sign));
}

/// The sum of the lanes: those 8 apart first, then 4, 2 and 1.
SPECIALISED float sum_of_sixteen(sixteen_floats v) {
    float eight[8], four[4];
    for (int i = 0; i < 8; i++) eight[i] = v[i] + v[i + 8];
    for (int i = 0; i < 4; i++) four[i] = eight[i] + eight[i + 4];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

/// The largest lane; none may be a NaN.
SPECIALISED float largest_of_sixteen(sixteen_floats v) {
    sixteen_floats other = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    v = choose(other > v, other, v);
    other = __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3);
    v = choose(other > v, other, v);
    other = __builtin_shufflevector(v, v, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1);
    v = choose(other > v, other, v);
    return v[0] > v[1] ? v[0] : v[1];
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

#pragma clang diagnostic pop

#endif
