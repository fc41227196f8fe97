// Attention for x86-64 with AVX2, FMA and F16C: 16 floats in two registers.

#if defined(__x86_64__)

#include "blocks.h"

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "sixteen_floats.h"

#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)

typedef int32_t eight_integers __attribute__((vector_size(32)));

SPECIALISED eight_integers products_of_eight(int32_t a, eight_integers b) {
    return (eight_integers)_mm256_madd_epi16(_mm256_set1_epi32(a), (__m256i)b);
}

SPECIALISED sixteen_integers add_products(sixteen_integers sum, int32_t a, sixteen_integers b) {
    const eight_integers low = products_of_eight(a, __builtin_shufflevector(b, b, 0, 1, 2, 3, 4, 5, 6, 7));
    const eight_integers high = products_of_eight(a, __builtin_shufflevector(b, b, 8, 9, 10, 11, 12, 13, 14, 15));
    return sum + __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

#define TILE_VECTORS 1
#define KERNELS headsteer_attention_avx2
#define KERNELS_NAME "avx2"
#include "attention_template.h"

#pragma clang attribute pop

#endif
