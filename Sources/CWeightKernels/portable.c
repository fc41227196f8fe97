// Kernels in plain C, with the compiler's own vectors of 4 floats: for processors without kernels of their own.

#include "blocks.h"

// Every width must round alike: no fused multiply-add in one and a separate product in another.
#pragma STDC FP_CONTRACT OFF

typedef float vector __attribute__((vector_size(16)));

enum { LANES = 4, VECTORS = GROUP_WEIGHTS / LANES, ACCUMULATORS = 4 };

#define ROWS_FOR_1 2
#define ROWS_FOR_2 1
#define ROWS_FOR_4 1
#define ROWS_FOR_8 0
enum { PANEL_ROWS = 1, PANEL_WIDTH = 2, PRODUCT_VECTORS = 1 };

SPECIALISED vector vector_zero(void) { return (vector){0, 0, 0, 0}; }

SPECIALISED vector vector_load(const float *source) {
    vector result;
    memcpy(&result, source, sizeof result);
    return result;
}

SPECIALISED void vector_store(float *target, vector value) { memcpy(target, &value, sizeof value); }

SPECIALISED vector vector_add(vector a, vector b) { return a + b; }

SPECIALISED vector vector_multiply_add(vector a, vector b, vector c) { return a * b + c; }

SPECIALISED float vector_sum(vector value) { return (value[0] + value[2]) + (value[1] + value[3]); }

struct prepared {
    float values[MAXIMUM_GROUPS * GROUP_WEIGHTS];
};

SPECIALISED void prepare_block(int format, const uint8_t *block, struct prepared *prepared) {
    headsteer_unpack_portable(format, block, prepared->values, block_size(format).groups * GROUP_WEIGHTS);
}

SPECIALISED void unpack_group(
    int format, const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    (void)format, (void)block;
    for (int v = 0; v < VECTORS; v++) weights[v] = vector_load(prepared->values + group * GROUP_WEIGHTS + v * LANES);
}

static void pack_half(const float *x, size_t n, uint16_t *out) {
    size_t i = 0;
    for (; i < n; i++) out[i] = half_from_float(x[i]);
}

#include "elementwise_template.h"

#include "rounding_portable.h"
#include "rounding_template.h"

#define PANELS_DOT headsteer_portable_panels_dot
#define KERNELS headsteer_portable_kernels
#define KERNELS_NAME "portable"
#include "rows_dot_template.h"
