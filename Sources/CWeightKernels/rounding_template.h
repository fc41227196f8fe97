// Rounding vectors to planes of bytes, with the same bits for every instruction set.
//
// A file includes this once, within its target attribute, after it has defined, for a group of 32 finite values:
//
//   largest_magnitude(x)                       the bits of the largest magnitude; above 0x7f7fffff where not all are finite
//   round_in_one_plane(x, factor, codes)       writes the whole numbers nearest to factor * x, of at most 127
//   round_in_three_planes(x, factor, codes)    the same of at most LARGEST_OF_THREE_PLANES, in three planes
//
// Both round a number in the middle of two to the even one, and return the sums of the first and of the last 16 numbers: of
// 256 * plane 0 + plane 1 in lanes 0 and 1, of the last plane in lanes 2 and 3.

#pragma STDC FP_CONTRACT OFF

typedef float four_floats __attribute__((vector_size(16)));

SPECIALISED void set_group(float scale, four_integers sums, struct headsteer_group *group) {
    const four_integers low = __builtin_shufflevector(sums, sums, 2, 3, 2, 3);
    // Lanes 2 and 3 have the numbers' sums: of the first and of the last 16.
    const four_integers halves = (__builtin_shufflevector(sums, sums, 0, 1, 0, 1) << 8) + low;
    const four_integers whole = halves + __builtin_shufflevector(halves, halves, 1, 0, 3, 2);
    const four_integers one = {1, 1, 1, 1};
    const four_integers numbers =
        __builtin_shufflevector(__builtin_shufflevector(one, whole, 0, 4, 0, 4), halves, 0, 1, 6, 7);
    const four_floats floats = __builtin_convertvector(numbers, four_floats) * scale;
    const four_integers minus = -sums, minus_whole = minus + __builtin_shufflevector(minus, minus, 1, 0, 3, 2);
    const four_integers ends = __builtin_shufflevector(minus_whole, minus_whole, 0, 2, 0, 2);
    memcpy(&group->scale, &floats, sizeof floats);
    memcpy(&group->minus_high, &ends, 2 * sizeof(int32_t));
    memcpy(&group->half_minus_high, &minus, sizeof minus);
}

/// The groups that are taken at once, step by step: one after the other, each would wait for the results of its own steps.
enum { GROUPS_AT_ONCE = 8 };

/// What values are multiplied by to become whole numbers, and what these are to be multiplied by.
SPECIALISED void scale_for_one_plane(uint32_t largest_bits, float *factor, float *scale) {
    const float largest = float_from_bits(largest_bits);
    // Below 1e-30 the reciprocal would be too large, and nothing is lost.
    const float numerator = largest < 1e-30f ? 0 : 127, inverse = largest < 1e-30f ? 0 : 1 / 127.0f;
    *factor = numerator / (largest < 1e-30f ? 1 : largest);
    *scale = largest * inverse;
}

/// The same: powers of two.
SPECIALISED void scale_for_three_planes(uint32_t largest_bits, float *factor, float *scale) {
    // The largest becomes at least 2^22, and so that it fits; below 2^-104 some bits are lost.
    const float at_2_22 = float_from_bits((largest_bits & 0x7fffff) | (127 + 22) << 23);
    const int exponent = 127 + 22 - (int)(largest_bits >> 23) - (at_2_22 > LARGEST_OF_THREE_PLANES);
    const int clamped = exponent > 126 ? 126 : exponent;
    *factor = float_from_bits((uint32_t)(127 + clamped) << 23);
    *scale = float_from_bits((uint32_t)(127 - clamped) << 23);
}

/// `planes` is a constant.
SPECIALISED void round_groups(
    const float *x, size_t count, int planes, int8_t *codes, struct headsteer_group *groups) {
    uint32_t largest_bits[GROUPS_AT_ONCE] = {0};
    float factors[GROUPS_AT_ONCE], scales[GROUPS_AT_ONCE];
    four_integers sums[GROUPS_AT_ONCE];
    for (size_t g = 0; g < count; g++) largest_bits[g] = largest_magnitude(x + g * GROUP_WEIGHTS);
    for (int g = 0; g < GROUPS_AT_ONCE; g++) {
        if (planes == 1) {
            scale_for_one_plane(largest_bits[g], &factors[g], &scales[g]);
        } else {
            scale_for_three_planes(largest_bits[g], &factors[g], &scales[g]);
        }
    }
    for (size_t g = 0; g < count; g++) {
        const float *x_group = x + g * GROUP_WEIGHTS;
        int8_t *group_codes = codes + g * (size_t)planes * GROUP_WEIGHTS;
        if (largest_bits[g] > 0x7f7fffff) {  // infinite or no number: so is the product
            memset(group_codes, 0, (size_t)planes * GROUP_WEIGHTS);
            sums[g] = (four_integers){0};
            scales[g] = __builtin_nanf("");
        } else if (planes == 1) {
            sums[g] = round_in_one_plane(x_group, factors[g], group_codes);
        } else {
            sums[g] = round_in_three_planes(x_group, factors[g], group_codes);
        }
    }
    for (size_t g = 0; g < count; g++) set_group(scales[g], sums[g], groups + g);
}

static void round_values(const float *x, size_t n, int planes, int8_t *codes, struct headsteer_group *groups) {
    const size_t all = n / GROUP_WEIGHTS;
    for (size_t g = 0; g < all; g += GROUPS_AT_ONCE) {
        const size_t count = all - g < GROUPS_AT_ONCE ? all - g : GROUPS_AT_ONCE;
        if (planes == 1) {
            round_groups(x + g * GROUP_WEIGHTS, count, 1, codes + g * GROUP_WEIGHTS, groups + g);
        } else {
            round_groups(x + g * GROUP_WEIGHTS, count, 3, codes + g * 3 * GROUP_WEIGHTS, groups + g);
        }
    }
}
