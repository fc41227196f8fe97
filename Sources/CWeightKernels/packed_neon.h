// What the kernels of packed weights for AArch64 share: vectors of four rows. Codes of 8 bits are signed, and none has a higher bit
// set otherwise: so all can be multiplied as signed bytes. Included by files with the target attribute set.

#include <arm_neon.h>

#define LANES 4
#include "packed_vectors.h"

#define HAS_SIGNED_CODES 1

SPECIALISED lanes look_up(const uint8_t *table, lanes places) {
    return (lanes)vqtbl1q_u8(vld1q_u8(table), (uint8x16_t)places);
}

SPECIALISED floats load_halves(const uint8_t *source) { return (floats)vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(source))); }

#include "packed_groups.h"

/// The codes of words 0...3 and 4...7.
typedef struct {
    int32x4_t words[2];
} plane;

SPECIALISED plane load_plane(const int8_t *codes) {
    return (plane){{vreinterpretq_s32_s8(vld1q_s8(codes)), vreinterpretq_s32_s8(vld1q_s8(codes + 16))}};
}
