// Attention for x86-64 with AVX-512 F, BW, VL and DQ.

#if defined(__x86_64__)

#include "blocks.h"

#include <immintrin.h>

#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)

#include "sixteen_floats.h"

#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)

SPECIALISED sixteen_integers add_products(sixteen_integers sum, int32_t a, sixteen_integers b) {
    return sum + (sixteen_integers)_mm512_madd_epi16(_mm512_set1_epi32(a), (__m512i)b);
}

#define TILE_VECTORS 4
#define KERNELS headsteer_attention_avx512
#define KERNELS_NAME "avx512"
#include "attention_template.h"

#pragma clang attribute pop

#endif
