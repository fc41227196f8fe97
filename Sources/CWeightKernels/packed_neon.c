// Products of packed weights on every AArch64 processor: products in 16 bits, whose sums are added up there as long as they fit.

#if defined(__aarch64__)

#include "packed_neon.h"

/// The products of rows 0 and 1, and of rows 2 and 3, are apart until the end.
struct sum {
    lanes first;
    int32x4_t low, high;
    int16x8_t low_products, high_products;
};

SPECIALISED struct sum begin_sum(lanes first) {
    return (struct sum){.first = first, .low = vdupq_n_s32(0), .high = vdupq_n_s32(0)};
}

SPECIALISED lanes whole_sum(struct sum sum) { return sum.first + (lanes)vpaddq_s32(sum.low, sum.high); }

/// A word adds one product of at most 2^bits - 1 and 128, or of 128 and 128; codes of 6 bits have parts of 4 words.
SPECIALISED int step_words(int bits) { return bits == 8 ? 1 : bits == 6 ? 4 : 8; }

/// Word j of a plane in every lane.
SPECIALISED int8x16_t plane_word(plane x, int j) {
    const int32x4_t four = x.words[j / 4];
    switch (j % 4) {
    case 0: return vreinterpretq_s8_s32(vdupq_laneq_s32(four, 0));
    case 1: return vreinterpretq_s8_s32(vdupq_laneq_s32(four, 1));
    case 2: return vreinterpretq_s8_s32(vdupq_laneq_s32(four, 2));
    default: return vreinterpretq_s8_s32(vdupq_laneq_s32(four, 3));
    }
}

SPECIALISED void add_word(int bits, int step, int i, lanes word, plane x, int j, struct sum *sum) {
    (void)bits;
    const int8x16_t codes = (int8x16_t)word, x_word = plane_word(x, j);
    if (i % step == 0) {
        sum->low_products = vmull_s8(vget_low_s8(codes), vget_low_s8(x_word));
        sum->high_products = vmull_high_s8(codes, x_word);
    } else {
        sum->low_products = vmlal_s8(sum->low_products, vget_low_s8(codes), vget_low_s8(x_word));
        sum->high_products = vmlal_high_s8(sum->high_products, codes, x_word);
    }
    if (i % step == step - 1) {
        sum->low = vpadalq_s16(sum->low, sum->low_products);
        sum->high = vpadalq_s16(sum->high, sum->high_products);
    }
}

#define PANELS_DOT headsteer_neon_panels_dot
#include "packed_products.h"

#endif
