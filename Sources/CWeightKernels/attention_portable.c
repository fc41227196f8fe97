// Attention in plain C, with the compiler's own vectors.

#include "blocks.h"
#include "sixteen_floats.h"

#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))

SPECIALISED sixteen_integers add_products(sixteen_integers sum, int32_t a, sixteen_integers b) {
    return sum + (b << 16 >> 16) * (int16_t)a + (b >> 16) * (a >> 16);
}

#define TILE_VECTORS 1
#define KERNELS headsteer_attention_portable
#define KERNELS_NAME "portable"
#include "attention_template.h"
