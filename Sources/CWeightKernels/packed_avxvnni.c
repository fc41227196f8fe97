// Products of packed weights with AVX-VNNI: `vpdpbusd` as in AVX-512 VNNI, with vectors of 32 bytes.

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#include "packed_avx2.h"

struct sum {
    __m256i whole;
};

SPECIALISED struct sum begin_sum(lanes first) { return (struct sum){(__m256i)first}; }

SPECIALISED lanes whole_sum(struct sum sum) { return (lanes)sum.whole; }

SPECIALISED int step_words(int bits) { return (void)bits, GROUP_WORDS; }

SPECIALISED void add_word(int bits, int step, int i, lanes word, plane x, int j, struct sum *sum) {
    (void)bits, (void)step, (void)i;
    sum->whole = _mm256_dpbusd_avx_epi32(sum->whole, (__m256i)word, plane_word(x, j));
}

#define PANELS_DOT headsteer_avxvnni_panels_dot
#include "packed_template.h"

#pragma clang attribute pop

#endif
