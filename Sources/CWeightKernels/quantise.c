// Vectors as 8-bit integers.

#include "blocks.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

void headsteer_quantise(const float *x, size_t n, int8_t *codes, float *scales, float *sums) {
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
        scales[g] = is_finite ? (inverse > 0 ? largest / 127 : 0) : NAN;
        sums[g] = scales[g] * (float)sum;
    }
}
