// Products of packed weights in plain C: what the SIMD kernels must agree with, bit for bit. packed.h has layout and formula.

#include "packed.h"

#pragma STDC FP_CONTRACT OFF

/// The codes of group `g` of row `r` of a panel.
static void group_codes(int format, const uint8_t *codes, size_t r, uint8_t *out) {
    const struct packed_format f = packed_format(format);
    const uint8_t *lane = codes + 4 * r;
    const uint8_t *pairs = lane + 256 * f.has_nibbles, *bits = pairs + 128 * f.has_pairs;
    uint8_t table[16];
    packed_table(format, table);
    for (int i = 0; i < GROUP_WEIGHTS; i++) {
        const int j = i / 4, b = i % 4;
        int code = 0;
        if (f.has_nibbles) code = lane[64 * (j % 4) + b] >> (j < 4 ? 0 : 4) & 15;
        if (f.has_pairs) code |= (pairs[64 * (j / 4) + b] >> (2 * (j % 4)) & 3) << (f.has_nibbles ? 4 : 0);
        if (f.has_bits) code |= (bits[b] >> j & 1) << (f.has_nibbles ? 4 : 2);
        if (f.has_bytes) code = lane[64 * j + b];
        out[i] = f.has_table ? table[code] : (uint8_t)code;
    }
}

/// Scale and offset of a part of group `g` (of those that share `d`) of row `r`.
static void part_scales(int format, const uint8_t *scales, int g, int part, size_t r, float *scale, float *offset) {
    const struct packed_format f = packed_format(format);
    *offset = 0;
    if (format == HEADSTEER_MXFP4) {
        *scale = scale_from_exponent(scales[r]);
        return;
    }
    const float d = float_from_half(load_u16(scales + 2 * r));
    const float m = f.has_offsets ? float_from_half(load_u16(scales + 32 + 2 * r)) : 0;
    const uint8_t *own = scales + f.header_bytes + (size_t)g * f.scale_bytes + r;
    switch (format) {
    case HEADSTEER_Q4_K:
    case HEADSTEER_Q5_K:
        *scale = d * (float)own[0];
        *offset = -(m * (float)own[16]);
        return;
    case HEADSTEER_Q2_K:
        *scale = d * (float)(own[16 * part] & 15);
        *offset = -(m * (float)(own[16 * part] >> 4));
        return;
    case HEADSTEER_Q6_K:
    case HEADSTEER_Q3_K: *scale = d * (float)(int8_t)own[16 * part]; return;
    case HEADSTEER_IQ4_XS: *scale = d * (float)(int8_t)own[0]; return;
    default:
        *scale = d;
        *offset = m;
    }
}

/// One row of a panel times one vector.
static float row_times_vector(int format, const uint8_t *panel, size_t r, size_t n, struct packed_vector x, int planes) {
    const struct packed_format f = packed_format(format);
    const size_t groups = n / GROUP_WEIGHTS, code_bytes = packed_code_bytes(f);
    const int size = GROUP_WEIGHTS / f.parts, zero = f.zero_bits < 0 ? 0 : 1 << f.zero_bits;
    float result = 0;
    for (size_t g = 0; g < groups; g++) {
        uint8_t codes[GROUP_WEIGHTS];
        group_codes(format, panel + g * code_bytes, r, codes);
        const uint8_t *scales = panel + groups * code_bytes + g / (size_t)f.groups * packed_scale_bytes(f);
        for (int part = 0; part < f.parts; part++) {
            int32_t sums[HIGHEST_PLANES] = {0};
            for (int p = 0; p < planes; p++) {
                const int8_t *plane = x.codes + (g * (size_t)planes + (size_t)p) * GROUP_WEIGHTS;
                for (int i = part * size; i < (part + 1) * size; i++) sums[p] += (codes[i] - zero) * plane[i];
            }
            float scale, offset;
            part_scales(format, scales, (int)(g % (size_t)f.groups), part, r, &scale, &offset);
            const float sum =
                planes == 1 ? (float)sums[0]
                            : __builtin_fmaf((float)(256 * sums[0] + sums[1]), 256.0f, (float)sums[2]);
            result = __builtin_fmaf(sum, scale * x.groups[g].scale, result);
            if (f.has_offsets) {
                const float x_sum = f.parts == 1 ? x.groups[g].sum : x.groups[g].half_sums[part];
                result = __builtin_fmaf(offset, x_sum, result);
            }
        }
    }
    return result;
}

void headsteer_portable_panels_dot(
    int format, const void *panels, size_t row_count, size_t n, struct headsteer_rounded x, size_t batch, float *y,
    size_t y_stride, void *scratch) {
    (void)scratch;
    const size_t panel_bytes = headsteer_panel_bytes(format, n);
    if (panel_bytes == 0) __builtin_trap();
    for (size_t b = 0; b < batch; b++) {
        const struct packed_vector vector = packed_vector(x, n, b);
        for (size_t r = 0; r < row_count; r++) {
            const uint8_t *panel = (const uint8_t *)panels + r / PANEL_OUTPUTS * panel_bytes;
            y[b * y_stride + r] = row_times_vector(format, panel, r % PANEL_OUTPUTS, n, vector, x.planes);
        }
    }
}
