// The vectors of packed_groups.h and packed_products.h: LANES, 4, 8 or 16, is defined before. Included within the target attribute.

#include "packed.h"

typedef int32_t lanes __attribute__((vector_size(4 * LANES)));
typedef uint32_t unsigned_lanes __attribute__((vector_size(4 * LANES)));
typedef uint8_t bytes __attribute__((vector_size(4 * LANES)));
typedef float floats __attribute__((vector_size(4 * LANES)));
typedef uint8_t few_bytes __attribute__((vector_size(LANES)));
typedef int8_t few_signed_bytes __attribute__((vector_size(LANES)));

/// The vectors that hold a lane for each row of a panel.
enum { PANEL_VECTORS = PANEL_OUTPUTS / LANES };

SPECIALISED lanes all_lanes(int32_t value) { return (lanes){0} | value; }

SPECIALISED floats all_floats(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (floats)all_lanes(bits);
}

SPECIALISED lanes load_lanes(const void *source) {
    lanes result;
    memcpy(&result, source, sizeof result);
    return result;
}

SPECIALISED lanes load_bytes(const uint8_t *source) {
    few_bytes bytes;
    memcpy(&bytes, source, sizeof bytes);
    return __builtin_convertvector(bytes, lanes);
}

SPECIALISED lanes load_signed_bytes(const uint8_t *source) {
    few_signed_bytes bytes;
    memcpy(&bytes, source, sizeof bytes);
    return __builtin_convertvector(bytes, lanes);
}

SPECIALISED floats float_lanes(lanes value) { return __builtin_convertvector(value, floats); }

SPECIALISED floats multiply_add(floats a, floats b, floats c) { return __builtin_elementwise_fma(a, b, c); }
