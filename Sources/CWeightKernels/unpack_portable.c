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
        default: __builtin_trap();
        }
    }
}
