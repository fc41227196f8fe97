// Rounding a group of 32 values with NEON.

#include "rounding.h"

SPECIALISED uint32_t largest_magnitude(const float *x) {
    uint32x4_t largest = vdupq_n_u32(0);
    UNROLL for (int i = 0; i < GROUP_WEIGHTS; i += 4) {
        largest = vmaxq_u32(largest, vreinterpretq_u32_f32(vabsq_f32(vld1q_f32(x + i))));
    }
    return vmaxvq_u32(largest);
}

/// 16 whole numbers.
SPECIALISED void whole_numbers(const float *x, float factor, int32x4_t *numbers) {
    UNROLL for (int v = 0; v < 4; v++) numbers[v] = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x + 4 * v), factor));
}

SPECIALISED four_integers round_in_one_plane(const float *x, float factor, int8_t *codes) {
    int32_t sums[2];
    UNROLL for (int half = 0; half < 2; half++) {
        int32x4_t numbers[4];
        whole_numbers(x + 16 * half, factor, numbers);
        const int16x8_t first = vmovn_high_s32(vmovn_s32(numbers[0]), numbers[1]);
        const int16x8_t second = vmovn_high_s32(vmovn_s32(numbers[2]), numbers[3]);
        const int8x16_t plane = vmovn_high_s16(vmovn_s16(first), second);
        vst1q_s8(codes + 16 * half, plane);
        sums[half] = vaddlvq_s8(plane);
    }
    return (four_integers){0, 0, sums[0], sums[1]};
}

SPECIALISED four_integers round_in_three_planes(const float *x, float factor, int8_t *codes) {
    int32_t high[2], low[2];
    UNROLL for (int half = 0; half < 2; half++) {
        int32x4_t numbers[4];
        whole_numbers(x + 16 * half, factor, numbers);
        // A number plus 128 in every plane has the planes, plus 128 each, in its bytes, the last plane lowest.
        const int32x4_t offset = vdupq_n_s32(0x808080);
        int8x16_t bytes[4];
        UNROLL for (int v = 0; v < 4; v++) {
            bytes[v] = vreinterpretq_s8_s32(veorq_s32(vaddq_s32(numbers[v], offset), offset));
        }
        const int8x16_t even[2] = {vuzp1q_s8(bytes[0], bytes[1]), vuzp1q_s8(bytes[2], bytes[3])};
        const int8x16_t odd[2] = {vuzp2q_s8(bytes[0], bytes[1]), vuzp2q_s8(bytes[2], bytes[3])};
        const int8x16_t top = vuzp2q_s8(even[0], even[1]), middle = vuzp1q_s8(odd[0], odd[1]);
        const int8x16_t last = vuzp1q_s8(even[0], even[1]);
        vst1q_s8(codes + 16 * half, top);
        vst1q_s8(codes + GROUP_WEIGHTS + 16 * half, middle);
        vst1q_s8(codes + 2 * GROUP_WEIGHTS + 16 * half, last);
        high[half] = 256 * vaddlvq_s8(top) + vaddlvq_s8(middle);
        low[half] = vaddlvq_s8(last);
    }
    return (four_integers){high[0], high[1], low[0], low[1]};
}
