// Attention for x86-64 with AVX-512 and its VNNI: `vpdpwssd` adds 32 products of 16-bit integers to 16 sums.

#if defined(__x86_64__)

#include "blocks.h"

#include <immintrin.h>

#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)

#include "sixteen_floats.h"

#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)

SPECIALISED sixteen_integers add_products(sixteen_integers sum, int32_t a, sixteen_integers b) {
    // Compilers that know better than to use an instruction of 5 cycles make two of the intrinsic.
    __m512i result = (__m512i)sum;
    __asm__("vpdpwssd %2, %1, %0" : "+v"(result) : "v"(_mm512_set1_epi32(a)), "v"((__m512i)b));
    return (sixteen_integers)result;
}

#define TILE_VECTORS 4
#define KERNELS headsteer_attention_avx512vnni
#define KERNELS_NAME "avx512vnni"
#include "attention_template.h"

#pragma clang attribute pop

#endif
