// Products of packed weights on AArch64 processors with products of matrices of bytes (FEAT_I8MM): `smmla` multiplies two rows by two
// vectors, 8 columns of each, with twice as many products as `sdot`. A single vector is multiplied by `sdot`.

#if defined(__aarch64__)

#include <arm_neon.h>

#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)

#include "packed_neon.h"

#include "packed_neondot.h"

// A pair of rows and a pair of vectors, a and b, have four results: row 0 with a and b, row 1 with a and b.

SPECIALISED lanes pair_of_lanes(lanes a, lanes b) { return (lanes)vzip1q_s32((int32x4_t)a, (int32x4_t)b); }

SPECIALISED floats pair_of_floats(floats a, floats b) { return (floats)vzip1q_f32((float32x4_t)a, (float32x4_t)b); }

SPECIALISED struct part_of_x part_of_pair(
    int format, int part, const struct headsteer_group *a_group, const struct headsteer_group *b_group) {
    const struct part_of_x a = part_of_x(format, part, a_group), b = part_of_x(format, part, b_group);
    return (struct part_of_x){
        pair_of_lanes(a.first_high, b.first_high),
        pair_of_lanes(a.first_low, b.first_low),
        pair_of_floats(a.scale, b.scale),
        pair_of_floats(a.sum, b.sum),
    };
}

/// The columns of two vectors, 8 at a time.
SPECIALISED void load_pair_of_planes(const int8_t *a_codes, const int8_t *b_codes, int8x16_t *columns) {
    UNROLL for (int half = 0; half < 2; half++) {
        const int64x2_t a = vreinterpretq_s64_s8(vld1q_s8(a_codes + 16 * half));
        const int64x2_t b = vreinterpretq_s64_s8(vld1q_s8(b_codes + 16 * half));
        columns[2 * half] = vreinterpretq_s8_s64(vzip1q_s64(a, b));
        columns[2 * half + 1] = vreinterpretq_s8_s64(vzip2q_s64(a, b));
    }
}

/// Two pairs of rows.
struct four_rows {
    int8x16_t columns[2][GROUP_WORDS / 2];
    floats scales[2][2], offsets[2][2];
};

SPECIALISED void load_four_rows(
    int format, const uint8_t *codes, const uint8_t *scales, int g, int first, struct four_rows *rows) {
    UNROLL for (int k = 0; k < GROUP_WORDS / 2; k++) {
        const int32x4_t even = (int32x4_t)load_word(format, codes + 4 * first, 2 * k);
        const int32x4_t odd = (int32x4_t)load_word(format, codes + 4 * first, 2 * k + 1);
        rows->columns[0][k] = vreinterpretq_s8_s32(vzip1q_s32(even, odd));
        rows->columns[1][k] = vreinterpretq_s8_s32(vzip2q_s32(even, odd));
    }
    floats part_scales[2] = {{0}}, part_offsets[2] = {{0}};
    load_scales(format, scales, g, first, part_scales, part_offsets);
    UNROLL for (int part = 0; part < packed_format(format).parts; part++) {
        rows->scales[0][part] = (floats)vzip1q_f32((float32x4_t)part_scales[part], (float32x4_t)part_scales[part]);
        rows->scales[1][part] = (floats)vzip2q_f32((float32x4_t)part_scales[part], (float32x4_t)part_scales[part]);
        rows->offsets[0][part] = (floats)vzip1q_f32((float32x4_t)part_offsets[part], (float32x4_t)part_offsets[part]);
        rows->offsets[1][part] = (floats)vzip2q_f32((float32x4_t)part_offsets[part], (float32x4_t)part_offsets[part]);
    }
}

/// A panel times `width` vectors. Format and planes are constants.
SPECIALISED void panel_times_pairs(
    int format, int planes, const uint8_t *panel, size_t count, size_t n, struct packed_vector x, size_t width, float *y,
    size_t y_stride) {
    const struct packed_format f = packed_format(format);
    const size_t groups = n / GROUP_WEIGHTS, code_bytes = packed_code_bytes(f);
    const uint8_t *all_scales = panel + groups * code_bytes;
    enum { ROW_PAIRS = PANEL_OUTPUTS / 2, STEP = 8 };
    floats results[HIGHEST_WIDTH / 2][ROW_PAIRS];
    memset(results, 0, (width + 1) / 2 * sizeof results[0]);
    for (size_t g = 0; g < groups; g++) {
        const uint8_t *codes = panel + g * code_bytes;
        const uint8_t *scales = all_scales + g / (size_t)f.groups * packed_scale_bytes(f);
        for (int first = 0; first < PANEL_OUTPUTS; first += STEP) {
            struct four_rows rows[STEP / 4];
            UNROLL for (int u = 0; u < STEP / 4; u++) {
                load_four_rows(format, codes, scales, (int)(g % (size_t)f.groups), first + 4 * u, &rows[u]);
            }
            for (size_t a = 0; a < width; a += 2) {
                // A last vector without another one is taken twice.
                const size_t b = a + 1 < width ? a + 1 : a;
                const int8_t *a_codes = x.codes + (a * groups + g) * (size_t)planes * GROUP_WEIGHTS;
                const int8_t *b_codes = x.codes + (b * groups + g) * (size_t)planes * GROUP_WEIGHTS;
                int8x16_t columns[HIGHEST_PLANES][GROUP_WORDS / 2];
                UNROLL for (int p = 0; p < planes; p++) {
                    load_pair_of_planes(a_codes + GROUP_WEIGHTS * p, b_codes + GROUP_WEIGHTS * p, columns[p]);
                }
                UNROLL for (int part = 0; part < f.parts; part++) {
                    const struct part_of_x x_part =
                        part_of_pair(format, part, x.groups + a * groups + g, x.groups + b * groups + g);
                    const int size = GROUP_WORDS / 2 / f.parts;
                    UNROLL for (int pair = 0; pair < STEP / 2; pair++) {
                        const struct four_rows *four = &rows[pair / 2];
                        lanes sums[HIGHEST_PLANES];
                        UNROLL for (int p = 0; p < planes; p++) {
                            int32x4_t sum = (int32x4_t)first_sum(planes, p, x_part);
                            UNROLL for (int k = part * size; k < (part + 1) * size; k++) {
                                sum = vmmlaq_s32(sum, four->columns[pair % 2][k], columns[p][k]);
                            }
                            sums[p] = (lanes)sum;
                        }
                        floats *result = &results[a / 2][first / 2 + pair];
                        *result = add_part(
                            format, planes, sums, four->scales[pair % 2][part], four->offsets[pair % 2][part], x_part,
                            *result);
                    }
                }
            }
        }
    }
    for (size_t b = 0; b < width; b++) {
        float rows[PANEL_OUTPUTS];
        for (int r = 0; r < PANEL_OUTPUTS; r++) rows[r] = results[b / 2][r / 2][r % 2 * 2 + (int)(b % 2)];
        memcpy(y + b * y_stride, rows, (count < PANEL_OUTPUTS ? count : PANEL_OUTPUTS) * sizeof(float));
    }
}

#define PANEL_TIMES_VECTORS panel_times_pairs
#define PANELS_DOT headsteer_neoni8mm_panels_dot
#include "packed_products.h"

#pragma clang attribute pop

#endif
