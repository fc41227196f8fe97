// Rounding a group of 32 values, in plain C.

#include "rounding.h"

SPECIALISED uint32_t largest_magnitude(const float *x) {
    uint32_t bits[GROUP_WEIGHTS], largest = 0;
    memcpy(bits, x, sizeof bits);
    for (int i = 0; i < GROUP_WEIGHTS; i++) {
        const uint32_t magnitude = bits[i] & 0x7fffffff;
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

SPECIALISED four_integers round_in_one_plane(const float *x, float factor, int8_t *codes) {
    int32_t sums[2] = {0};
    for (int i = 0; i < GROUP_WEIGHTS; i++) {
        const int32_t number = (int32_t)__builtin_rintf(x[i] * factor);
        codes[i] = (int8_t)number;
        sums[i / 16] += number;
    }
    return (four_integers){0, 0, sums[0], sums[1]};
}

SPECIALISED four_integers round_in_three_planes(const float *x, float factor, int8_t *codes) {
    int32_t high[2] = {0}, low[2] = {0};
    for (int i = 0; i < GROUP_WEIGHTS; i++) {
        const int32_t number = (int32_t)__builtin_rintf(x[i] * factor);
        const int32_t upper = (number + 128) >> 8, top = (upper + 128) >> 8;
        codes[i] = (int8_t)top;
        codes[GROUP_WEIGHTS + i] = (int8_t)(upper - 256 * top);
        codes[2 * GROUP_WEIGHTS + i] = (int8_t)(number - 256 * upper);
        high[i / 16] += upper;
        low[i / 16] += number - 256 * upper;
    }
    return (four_integers){high[0], high[1], low[0], low[1]};
}
