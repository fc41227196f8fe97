// Unpacking in plain C, one function per format; the formulas stand at `WeightFormat` in Swift.
//
// Products of a scale and a quantised integer are exact in float32 (at most 24 significant bits), so that it makes no
// difference to any result here whether a compiler or a kernel fuses a product with the sum that follows.

#include "blocks.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The kernels read little-endian files on little-endian processors only."
#endif

static void unpack_q4_0(const uint8_t *block, float *out) {
    const float d = float_from_half(load_u16(block));
    const uint8_t *q = block + 2;
    for (int i = 0; i < 16; i++) {
        out[i] = d * (float)((q[i] & 15) - 8);
        out[i + 16] = d * (float)((q[i] >> 4) - 8);
    }
}

static void unpack_q4_1(const uint8_t *block, float *out) {
    const float d = float_from_half(load_u16(block)), m = float_from_half(load_u16(block + 2));
    const uint8_t *q = block + 4;
    for (int i = 0; i < 16; i++) {
        out[i] = d * (float)(q[i] & 15) + m;
        out[i + 16] = d * (float)(q[i] >> 4) + m;
    }
}

static void unpack_q5_0(const uint8_t *block, float *out) {
    const float d = float_from_half(load_u16(block));
    const uint32_t high = load_u32(block + 2);
    const uint8_t *q = block + 6;
    for (int i = 0; i < 16; i++) {
        out[i] = d * (float)((int)((q[i] & 15) | (high >> i & 1) << 4) - 16);
        out[i + 16] = d * (float)((int)((q[i] >> 4) | (high >> (i + 16) & 1) << 4) - 16);
    }
}

static void unpack_q5_1(const uint8_t *block, float *out) {
    const float d = float_from_half(load_u16(block)), m = float_from_half(load_u16(block + 2));
    const uint32_t high = load_u32(block + 4);
    const uint8_t *q = block + 8;
    for (int i = 0; i < 16; i++) {
        out[i] = d * (float)((q[i] & 15) | (high >> i & 1) << 4) + m;
        out[i + 16] = d * (float)((q[i] >> 4) | (high >> (i + 16) & 1) << 4) + m;
    }
}

static void unpack_q8_0(const uint8_t *block, float *out) {
    const float d = float_from_half(load_u16(block));
    for (int i = 0; i < 32; i++) out[i] = d * (float)(int8_t)block[2 + i];
}

static void unpack_q2_k(const uint8_t *block, float *out) {
    const uint8_t *scales = block, *q = block + 16;
    const float d = float_from_half(load_u16(block + 80)), minimum = float_from_half(load_u16(block + 82));
    for (int s = 0; s < 16; s++, out += 16) {
        const float scale = d * (float)(scales[s] & 15), offset = minimum * (float)(scales[s] >> 4);
        const uint8_t *q_s = q + s / 8 * 32 + s % 2 * 16;
        const int shift = s % 8 / 2 * 2;
        for (int i = 0; i < 16; i++) out[i] = scale * (float)(q_s[i] >> shift & 3) - offset;
    }
}

static void unpack_q3_k(const uint8_t *block, float *out) {
    const uint8_t *high = block, *q = block + 32, *scales = block + 96;
    const float d = float_from_half(load_u16(block + 108));
    for (int s = 0; s < 16; s++, out += 16) {
        const float scale = d * (float)q3_k_scale(scales, s);
        const uint8_t *q_s = q + s / 8 * 32 + s % 2 * 16, *high_s = high + s % 2 * 16;
        const int shift = s % 8 / 2 * 2, bit = s / 2;
        for (int i = 0; i < 16; i++) {
            out[i] = scale * (float)((q_s[i] >> shift & 3) - 4 + (high_s[i] >> bit & 1) * 4);
        }
    }
}

static void unpack_q4_k(const uint8_t *block, float *out) {
    const float d = float_from_half(load_u16(block)), minimum = float_from_half(load_u16(block + 2));
    const struct six_bit_scales s = six_bit_scales(block + 4);
    const uint8_t *q = block + 16;
    for (int g = 0; g < 8; g++) {
        const float scale = d * (float)(s.scales >> (8 * g) & 63), offset = minimum * (float)(s.minima >> (8 * g) & 63);
        for (int i = 0; i < 32; i++) {
            out[g * 32 + i] = scale * (float)(q[g / 2 * 32 + i] >> (g % 2 * 4) & 15) - offset;
        }
    }
}

static void unpack_q5_k(const uint8_t *block, float *out) {
    const float d = float_from_half(load_u16(block)), minimum = float_from_half(load_u16(block + 2));
    const struct six_bit_scales s = six_bit_scales(block + 4);
    const uint8_t *high = block + 16, *q = block + 48;
    for (int g = 0; g < 8; g++) {
        const float scale = d * (float)(s.scales >> (8 * g) & 63), offset = minimum * (float)(s.minima >> (8 * g) & 63);
        for (int i = 0; i < 32; i++) {
            const int q_i = (q[g / 2 * 32 + i] >> (g % 2 * 4) & 15) | (high[i] >> g & 1) << 4;
            out[g * 32 + i] = scale * (float)q_i - offset;
        }
    }
}

static void unpack_q6_k(const uint8_t *block, float *out) {
    const uint8_t *low = block, *high = block + 128;
    const int8_t *scales = (const int8_t *)block + 192;
    const float d = float_from_half(load_u16(block + 208));
    for (int g = 0; g < 8; g++) {
        const int half = g / 4, k = g % 4;
        for (int i = 0; i < 32; i++) {
            const int low_bits = low[half * 64 + k % 2 * 32 + i] >> (k / 2 * 4) & 15;
            const int q_i = low_bits | (high[half * 32 + i] >> (k * 2) & 3) << 4;
            out[g * 32 + i] = d * (float)scales[g * 2 + i / 16] * (float)(q_i - 32);
        }
    }
}

/// 16 bytes of nibbles as 32 weights: the table's values, times a scale.
static void look_up_nibbles(const uint8_t *q, const float *table, float scale, float *out) {
    for (int i = 0; i < 16; i++) {
        out[i] = scale * table[q[i] & 15];
        out[i + 16] = scale * table[q[i] >> 4];
    }
}

static const float iq4_values[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

static void unpack_iq4_nl(const uint8_t *block, float *out) {
    look_up_nibbles(block + 2, iq4_values, float_from_half(load_u16(block)), out);
}

static void unpack_iq4_xs(const uint8_t *block, float *out) {
    const float d = float_from_half(load_u16(block));
    const int high = load_u16(block + 2);
    for (int g = 0; g < 8; g++) {
        const int scale = (block[4 + g / 2] >> (g % 2 * 4) & 15) | (high >> (2 * g) & 3) << 4;
        look_up_nibbles(block + 8 + 16 * g, iq4_values, d * (float)(scale - 32), out + 32 * g);
    }
}

static void unpack_mxfp4(const uint8_t *block, float *out) {
    static const float values[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    // Half of 2^(e - 127): the two smallest are subnormal.
    const uint32_t e = block[0];
    look_up_nibbles(block + 1, values, float_from_bits(e < 2 ? (uint32_t)0x200000 << e : (e - 1) << 23), out);
}

/// Digit `place` of a byte that holds five digits to the base 3 as a fraction of 256, minus 1.
static float ternary_digit(uint8_t byte, int place) {
    static const uint8_t powers[5] = {1, 3, 9, 27, 81};
    const uint8_t rest = (uint8_t)(byte * powers[place]);
    return (float)((rest * 3 >> 8) - 1);
}

static void unpack_tq1_0(const uint8_t *block, float *out) {
    const float d = float_from_half(load_u16(block + 52));
    for (int i = 0; i < 160; i++) out[i] = d * ternary_digit(block[i % 32], i / 32);
    for (int i = 0; i < 80; i++) out[160 + i] = d * ternary_digit(block[32 + i % 16], i / 16);
    for (int i = 0; i < 16; i++) out[240 + i] = d * ternary_digit(block[48 + i % 4], i / 4);
}

static void unpack_tq2_0(const uint8_t *block, float *out) {
    const float d = float_from_half(load_u16(block + 64));
    for (int i = 0; i < 256; i++) {
        out[i] = d * (float)((block[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3) - 1);
    }
}

void headsteer_unpack_portable(int format, const void *row, float *out, size_t n) {
    const uint8_t *bytes = row;
    switch (format) {
    case HEADSTEER_F32: memcpy(out, bytes, n * sizeof(float)); return;
    case HEADSTEER_F16:
        for (size_t i = 0; i < n; i++) out[i] = float_from_half(load_u16(bytes + 2 * i));
        return;
    case HEADSTEER_BF16:
        for (size_t i = 0; i < n; i++) out[i] = float_from_bits((uint32_t)load_u16(bytes + 2 * i) << 16);
        return;
    default: break;
    }
    const struct block_size block = block_size(format);
    const size_t block_weights = block.groups * GROUP_WEIGHTS;
    for (size_t i = 0; i < n; i += block_weights, bytes += block.bytes, out += block_weights) {
        switch (format) {
        case HEADSTEER_Q4_0: unpack_q4_0(bytes, out); break;
        case HEADSTEER_Q4_1: unpack_q4_1(bytes, out); break;
        case HEADSTEER_Q5_0: unpack_q5_0(bytes, out); break;
        case HEADSTEER_Q5_1: unpack_q5_1(bytes, out); break;
        case HEADSTEER_Q8_0: unpack_q8_0(bytes, out); break;
        case HEADSTEER_Q2_K: unpack_q2_k(bytes, out); break;
        case HEADSTEER_Q3_K: unpack_q3_k(bytes, out); break;
        case HEADSTEER_Q4_K: unpack_q4_k(bytes, out); break;
        case HEADSTEER_Q5_K: unpack_q5_k(bytes, out); break;
        case HEADSTEER_Q6_K: unpack_q6_k(bytes, out); break;
        case HEADSTEER_IQ4_NL: unpack_iq4_nl(bytes, out); break;
        case HEADSTEER_IQ4_XS: unpack_iq4_xs(bytes, out); break;
        case HEADSTEER_MXFP4: unpack_mxfp4(bytes, out); break;
        case HEADSTEER_TQ1_0: unpack_tq1_0(bytes, out); break;
        case HEADSTEER_TQ2_0: unpack_tq2_0(bytes, out); break;
        default: headsteer_unpack_codebook_block(format, bytes, out);
        }
    }
}
