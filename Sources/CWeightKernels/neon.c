// Kernels for AArch64 with Advanced SIMD (NEON), which every such processor has: 4 floats to a vector, eight vectors to
// a group. Native for F32, F16, BF16, Q8_0, Q4_0, Q4_1 and Q4_K; the others unpack a block in plain C first.

#if defined(__aarch64__)

#include "blocks.h"

#include <arm_neon.h>

typedef float32x4_t vector;

enum { LANES = 4, VECTORS = 8, ACCUMULATORS = 4 };

#define ROWS_FOR_1 4
#define ROWS_FOR_2 2
#define ROWS_FOR_4 1
#define ROWS_FOR_8 0
enum { PANEL_ROWS = 4, PANEL_WIDTH = 4, PRODUCT_VECTORS = 4 };

// MARK: - Vectors

SPECIALISED vector vector_zero(void) { return vdupq_n_f32(0); }
SPECIALISED vector vector_load(const float *source) { return vld1q_f32(source); }
SPECIALISED void vector_store(float *target, vector value) { vst1q_f32(target, value); }
SPECIALISED vector vector_add(vector a, vector b) { return vaddq_f32(a, b); }
SPECIALISED vector vector_multiply_add(vector a, vector b, vector c) { return vfmaq_f32(c, a, b); }
SPECIALISED float vector_sum(vector value) { return vaddvq_f32(value); }

// MARK: - Blocks

struct prepared {
    float scales[MAXIMUM_GROUPS];
    float offsets[MAXIMUM_GROUPS];
    float values[MAXIMUM_GROUPS * GROUP_WEIGHTS];
};

SPECIALISED void prepare_block(int format, const uint8_t *block, struct prepared *prepared) {
    switch (format) {
    case HEADSTEER_F32:
    case HEADSTEER_F16:
    case HEADSTEER_BF16: break;
    case HEADSTEER_Q4_1:
        prepared->offsets[0] = float_from_half(load_u16(block + 2));
        __attribute__((fallthrough));
    case HEADSTEER_Q4_0:
    case HEADSTEER_Q8_0: prepared->scales[0] = float_from_half(load_u16(block)); break;
    case HEADSTEER_Q4_K: {
        const float d = float_from_half(load_u16(block)), minimum = float_from_half(load_u16(block + 2));
        const struct six_bit_scales s = six_bit_scales(block + 4);
        for (int g = 0; g < 8; g++) {
            prepared->scales[g] = d * (float)(s.scales >> (8 * g) & 63);
            prepared->offsets[g] = minimum * (float)(s.minima >> (8 * g) & 63);
        }
        break;
    }
    default:
        headsteer_unpack_portable(format, block, prepared->values, block_size(format).groups * GROUP_WEIGHTS);
    }
}

// MARK: - Groups

/// 16 signed bytes as floats, in four vectors.
SPECIALISED void float_bytes(int8x16_t bytes, vector *weights) {
    const int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_s8(vget_high_s8(bytes));
    weights[0] = vcvtq_f32_s32(vmovl_s16(vget_low_s16(low)));
    weights[1] = vcvtq_f32_s32(vmovl_s16(vget_high_s16(low)));
    weights[2] = vcvtq_f32_s32(vmovl_s16(vget_low_s16(high)));
    weights[3] = vcvtq_f32_s32(vmovl_s16(vget_high_s16(high)));
}

/// scale · q + offset, for 32 signed bytes.
SPECIALISED void scale_bytes_and_add(int8x16_t first, int8x16_t second, float scale, float offset, vector *weights) {
    float_bytes(first, weights);
    float_bytes(second, weights + 4);
    for (int v = 0; v < VECTORS; v++) weights[v] = vfmaq_n_f32(vdupq_n_f32(offset), weights[v], scale);
}

/// scale · q, for 32 signed bytes.
SPECIALISED void scale_bytes(int8x16_t first, int8x16_t second, float scale, vector *weights) {
    float_bytes(first, weights);
    float_bytes(second, weights + 4);
    for (int v = 0; v < VECTORS; v++) weights[v] = vmulq_n_f32(weights[v], scale);
}

SPECIALISED int8x16_t low_nibbles(uint8x16_t bytes) {
    return vreinterpretq_s8_u8(vandq_u8(bytes, vdupq_n_u8(15)));
}

SPECIALISED int8x16_t high_nibbles(uint8x16_t bytes) { return vreinterpretq_s8_u8(vshrq_n_u8(bytes, 4)); }

SPECIALISED void unpack_group(
    int format, const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    switch (format) {
    case HEADSTEER_F32:
        for (int v = 0; v < VECTORS; v++) weights[v] = vreinterpretq_f32_u8(vld1q_u8(block + v * LANES * 4));
        return;
    case HEADSTEER_F16:
        for (int v = 0; v < VECTORS; v++) {
            weights[v] = vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(block + v * LANES * 2)));
        }
        return;
    case HEADSTEER_BF16:
        for (int v = 0; v < VECTORS; v++) {
            const uint16x4_t bits = vreinterpret_u16_u8(vld1_u8(block + v * LANES * 2));
            weights[v] = vreinterpretq_f32_u32(vshll_n_u16(bits, 16));
        }
        return;
    case HEADSTEER_Q8_0:
        scale_bytes(
            vreinterpretq_s8_u8(vld1q_u8(block + 2)), vreinterpretq_s8_u8(vld1q_u8(block + 18)), prepared->scales[0],
            weights);
        return;
    case HEADSTEER_Q4_0: {
        const uint8x16_t bytes = vld1q_u8(block + 2);
        const int8x16_t eight = vdupq_n_s8(8);
        scale_bytes(
            vsubq_s8(low_nibbles(bytes), eight), vsubq_s8(high_nibbles(bytes), eight), prepared->scales[0], weights);
        return;
    }
    case HEADSTEER_Q4_1: {
        const uint8x16_t bytes = vld1q_u8(block + 4);
        scale_bytes_and_add(
            low_nibbles(bytes), high_nibbles(bytes), prepared->scales[0], prepared->offsets[0], weights);
        return;
    }
    case HEADSTEER_Q4_K: {
        const uint8_t *q = block + 16 + group / 2 * 32;
        const uint8x16_t first = vld1q_u8(q), second = vld1q_u8(q + 16);
        scale_bytes_and_add(
            group % 2 ? high_nibbles(first) : low_nibbles(first),
            group % 2 ? high_nibbles(second) : low_nibbles(second), prepared->scales[group],
            -prepared->offsets[group], weights);
        return;
    }
    default:
        for (int v = 0; v < VECTORS; v++) {
            weights[v] = vector_load(prepared->values + group * GROUP_WEIGHTS + v * LANES);
        }
    }
}

static void pack_half(const float *x, size_t n, uint16_t *out) {
    size_t i = 0;
    for (; i + 4 <= n; i += 4) vst1_u16(out + i, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(x + i))));
    for (; i < n; i++) out[i] = half_from_float(x[i]);
}

#include "elementwise_template.h"

#include "rounding_neon.h"
#include "rounding_template.h"

#define PANELS_DOT headsteer_neon_panels_dot
#define KERNELS headsteer_neon_kernels
#define KERNELS_NAME "neon"
#include "rows_dot_template.h"

const struct headsteer_kernels headsteer_neondot_kernels = {
    "neondot", unpack, rows_dot_batch, add_product, rows_add_transposed, headsteer_neondot_panels_dot, softmax,
    logistic, round_values, pack_half,
};

const struct headsteer_kernels headsteer_neoni8mm_kernels = {
    "neoni8mm", unpack, rows_dot_batch, add_product, rows_add_transposed, headsteer_neoni8mm_panels_dot, softmax,
    logistic, round_values, pack_half,
};

#endif
