// Products of packed weights with AVX-VNNI: `vpdpbusd` as in AVX-512 VNNI, with vectors of 32 bytes.

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#include "packed_avx2.h"

struct sum {
    lanes whole;
};

SPECIALISED struct sum begin_sum(lanes first) { return (struct sum){first}; }

SPECIALISED lanes whole_sum(struct sum sum) { return sum.whole; }

SPECIALISED int step_words(int bits) { return (void)bits, GROUP_WORDS; }

SPECIALISED void add_word(int bits, int step, int i, lanes word, plane x, int j, struct sum *sum) {
    (void)bits, (void)step, (void)i;
    sum->whole = (lanes)_mm256_dpbusd_avx_epi32((__m256i)sum->whole, (__m256i)word, (__m256i)plane_word(x, j));
}

#define PANELS_DOT headsteer_avxvnni_panels_dot
#include "packed_products.h"

#pragma clang attribute pop

#endif
