// Attention for AArch64 with Advanced SIMD (NEON): 16 floats in four registers.

#if defined(__aarch64__)

#include "blocks.h"
#include "sixteen_floats.h"

#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)

/// The halves of a word as two multiplications of 32 bits: as many as floats take, and the shifts serve all rows.
SPECIALISED sixteen_integers add_products(sixteen_integers sum, int32_t a, sixteen_integers b) {
    return sum + (b << 16 >> 16) * (int16_t)a + (b >> 16) * (a >> 16);
}

#define TILE_VECTORS 1
#define KERNELS headsteer_attention_neon
#define KERNELS_NAME "neon"
#include "attention_template.h"

#endif
