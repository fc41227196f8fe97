// Products of stored weights with vectors of 8-bit integers, in plain C: what the SIMD kernels must agree with, bit for bit.
//
// The weights of a group of 32 are w = scale * code + offset, with codes from 0 to 255. With x = x_scale * x_code, a
// group's part of the product is
//
//     scale * x_scale * (sum of code * x_code) + offset * (x_scale * sum of x_code)
//
// The inner sum is exact. A result adds up its groups in their order, each with two fused multiply-adds, so every
// instruction set gives the same bits, and the shape of a product doesn't matter.

#include "blocks.h"

#pragma STDC FP_CONTRACT OFF

/// The codes of one group, with its scale and offset. `group` counts from the beginning of the row.
static void int8_group(int format, const uint8_t *row, size_t group, uint8_t *codes, float *scale, float *offset) {
    const struct block_size size = block_size(format);
    const uint8_t *block = row + group / size.groups * size.bytes;
    const size_t g = group % size.groups;
    switch (format) {
    case HEADSTEER_Q4_0:
        *scale = float_from_half(load_u16(block));
        *offset = -8 * *scale;
        for (int i = 0; i < 16; i++) codes[i] = block[2 + i] & 15, codes[16 + i] = block[2 + i] >> 4;
        return;
    case HEADSTEER_Q4_1:
        *scale = float_from_half(load_u16(block));
        *offset = float_from_half(load_u16(block + 2));
        for (int i = 0; i < 16; i++) codes[i] = block[4 + i] & 15, codes[16 + i] = block[4 + i] >> 4;
        return;
    case HEADSTEER_Q5_0:
    case HEADSTEER_Q5_1: {
        const int has_offset = format == HEADSTEER_Q5_1;
        const uint8_t *q = block + (has_offset ? 8 : 6);
        const uint32_t fifth_bits = load_u32(q - 4);
        *scale = float_from_half(load_u16(block));
        *offset = has_offset ? float_from_half(load_u16(block + 2)) : -16 * *scale;
        for (int i = 0; i < 16; i++) {
            codes[i] = (uint8_t)((q[i] & 15) | (fifth_bits >> i & 1) << 4);
            codes[16 + i] = (uint8_t)(q[i] >> 4 | (fifth_bits >> (16 + i) & 1) << 4);
        }
        return;
    }
    case HEADSTEER_Q8_0:
        *scale = float_from_half(load_u16(block));
        *offset = -128 * *scale;
        for (int i = 0; i < 32; i++) codes[i] = block[2 + i] ^ 0x80;
        return;
    case HEADSTEER_Q4_K:
    case HEADSTEER_Q5_K: {
        const struct six_bit_scales s = six_bit_scales(block + 4);
        *scale = float_from_half(load_u16(block)) * (float)(s.scales >> (8 * g) & 255);
        *offset = -(float_from_half(load_u16(block + 2)) * (float)(s.minima >> (8 * g) & 255));
        const uint8_t *q = block + (format == HEADSTEER_Q4_K ? 16 : 48) + g / 2 * 32;
        for (int i = 0; i < 32; i++) codes[i] = g % 2 ? q[i] >> 4 : q[i] & 15;
        if (format == HEADSTEER_Q5_K) {
            for (int i = 0; i < 32; i++) codes[i] |= (uint8_t)((block[16 + i] >> g & 1) << 4);
        }
        return;
    }
    default: __builtin_unreachable();  // is_int8_format has let no other format pass
    }
}

/// Vectors that share the codes of a group.
enum { INT8_WIDTH = 16 };

/// All rows times at most INT8_WIDTH vectors.
static void int8_rows(
    int format, const uint8_t *weights, size_t row_bytes, size_t row_count, size_t n, const int8_t *x_codes,
    const float *x_scales, const float *x_sums, size_t batch, float *y, size_t y_stride) {
    const size_t groups = n / GROUP_WEIGHTS;
    for (size_t r = 0; r < row_count; r++) {
        float sums[INT8_WIDTH] = {0};
        for (size_t g = 0; g < groups; g++) {
            uint8_t codes[GROUP_WEIGHTS];
            float scale, offset;
            int8_group(format, weights + r * row_bytes, g, codes, &scale, &offset);
            for (size_t b = 0; b < batch; b++) {
                const int8_t *x = x_codes + b * n + g * GROUP_WEIGHTS;
                int32_t sum = 0;
                for (int i = 0; i < GROUP_WEIGHTS; i++) sum += (int32_t)codes[i] * x[i];
                sums[b] = __builtin_fmaf((float)sum * x_scales[b * groups + g], scale, sums[b]);
                sums[b] = __builtin_fmaf(offset, x_sums[b * groups + g], sums[b]);
            }
        }
        for (size_t b = 0; b < batch; b++) y[b * y_stride + r] = sums[b];
    }
}

void headsteer_portable_rows_dot_int8(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, struct headsteer_int8_vectors x,
    size_t batch, float *y, size_t y_stride, float *scratch) {
    (void)scratch;
    if (!is_int8_format(format)) __builtin_trap();
    const size_t groups = n / GROUP_WEIGHTS;
    for (size_t b = 0; b < batch; b += INT8_WIDTH) {
        const size_t width = batch - b < INT8_WIDTH ? batch - b : INT8_WIDTH;
        int8_rows(
            format, weights, row_bytes, row_count, n, x.codes + b * n, x.scales + b * groups, x.sums + b * groups, width,
            y + b * y_stride, y_stride);
    }
}
