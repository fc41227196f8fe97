// Kernels for x86-64 with AVX2, FMA and F16C: 8 floats to a vector, four vectors to a group.

#if defined(__x86_64__)

#include "blocks.h"

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

typedef __m256 vector;

enum { LANES = 8, VECTORS = 4, ACCUMULATORS = 2 };

#define ROWS_FOR_1 2
#define ROWS_FOR_2 1
#define ROWS_FOR_4 1
#define ROWS_FOR_8 0
enum { PANEL_ROWS = 2, PANEL_WIDTH = 3, PRODUCT_VECTORS = 2 };

// MARK: - Vectors

SPECIALISED vector vector_zero(void) { return _mm256_setzero_ps(); }
SPECIALISED vector vector_load(const float *source) { return _mm256_loadu_ps(source); }
SPECIALISED void vector_store(float *target, vector value) { _mm256_storeu_ps(target, value); }
SPECIALISED vector vector_add(vector a, vector b) { return _mm256_add_ps(a, b); }
SPECIALISED vector vector_multiply_add(vector a, vector b, vector c) { return _mm256_fmadd_ps(a, b, c); }

SPECIALISED float vector_sum(vector value) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(value), _mm256_extractf128_ps(value, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

// MARK: - Blocks

struct prepared {
    float scales[16];
    float offsets[16];
};

/// The scales and minima of Q4_K and Q5_K.
SPECIALISED void prepare_six_bit_scales(const uint8_t *block, struct prepared *prepared) {
    const __m128 d_and_minimum = _mm_cvtph_ps(_mm_cvtsi32_si128((int)load_u32(block)));
    const struct six_bit_scales s = six_bit_scales(block + 4);
    const __m256 scales = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)s.scales)));
    const __m256 minima = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)s.minima)));
    const __m256 d = _mm256_broadcastss_ps(d_and_minimum);
    const __m256 minimum = _mm256_broadcastss_ps(_mm_movehdup_ps(d_and_minimum));
    _mm256_storeu_ps(prepared->scales, _mm256_mul_ps(d, scales));
    _mm256_storeu_ps(prepared->offsets, _mm256_mul_ps(minimum, minima));
}

SPECIALISED void prepare_block(int format, const uint8_t *block, struct prepared *prepared) {
    switch (format) {
    case HEADSTEER_Q4_0:
    case HEADSTEER_Q4_1:
    case HEADSTEER_Q5_0:
    case HEADSTEER_Q5_1:
    case HEADSTEER_Q8_0:  // 8 bytes are read, of which the first two or four are the scale and the offset
        _mm_storeu_ps(prepared->scales, _mm_cvtph_ps(_mm_loadl_epi64((const __m128i *)block)));
        break;
    case HEADSTEER_Q2_K: {
        const __m128 d_and_minimum = _mm_cvtph_ps(_mm_cvtsi32_si128((int)load_u32(block + 80)));
        const __m256 d = _mm256_broadcastss_ps(d_and_minimum);
        const __m256 minimum = _mm256_broadcastss_ps(_mm_movehdup_ps(d_and_minimum));
        for (int i = 0; i < 16; i += 8) {
            const __m256i bytes = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(block + i)));
            const __m256i scales = _mm256_and_si256(bytes, _mm256_set1_epi32(15));
            const __m256i minima = _mm256_srli_epi32(bytes, 4);
            _mm256_storeu_ps(prepared->scales + i, _mm256_mul_ps(d, _mm256_cvtepi32_ps(scales)));
            _mm256_storeu_ps(prepared->offsets + i, _mm256_mul_ps(minimum, _mm256_cvtepi32_ps(minima)));
        }
        break;
    }
    case HEADSTEER_Q3_K: {
        const float d = _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(load_u16(block + 108))));
        for (int s = 0; s < 16; s++) prepared->scales[s] = d * (float)q3_k_scale(block + 96, s);
        break;
    }
    case HEADSTEER_Q4_K:
    case HEADSTEER_Q5_K: prepare_six_bit_scales(block, prepared); break;
    case HEADSTEER_Q6_K: {
        const __m256 d = _mm256_set1_ps(_mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(load_u16(block + 208)))));
        for (int i = 0; i < 16; i += 8) {
            const __m256i scales = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(block + 192 + i)));
            _mm256_storeu_ps(prepared->scales + i, _mm256_mul_ps(d, _mm256_cvtepi32_ps(scales)));
        }
        break;
    }
    default: break;
    }
}

// MARK: - Groups

SPECIALISED __m128i load_16_bytes(const uint8_t *source) { return _mm_loadu_si128((const __m128i *)source); }
SPECIALISED __m256i load_32_bytes(const uint8_t *source) { return _mm256_loadu_si256((const __m256i *)source); }

/// The 32 nibbles of 16 bytes, one to a byte: first the low ones, then the high ones.
SPECIALISED __m256i spread_nibbles(const uint8_t *source) {
    const __m128i bytes = load_16_bytes(source);
    const __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(bytes), _mm_srli_epi16(bytes, 4), 1);
    return _mm256_and_si256(both, _mm256_set1_epi8(0x0f));
}

/// 16 in each of the 32 bytes whose bit is set, otherwise 0.
SPECIALISED __m256i spread_fifth_bits(uint32_t bits) {
    const __m256i byte_of_bit = _mm256_setr_epi8(
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201u);
    const __m256i bytes = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), byte_of_bit), bit);
    return _mm256_and_si256(_mm256_cmpeq_epi8(bytes, bit), _mm256_set1_epi8(16));
}

/// The nibbles of a group of Q4_K or Q5_K, two of which share 32 bytes.
SPECIALISED __m256i nibbles_of_group(const uint8_t *q, int group) {
    const __m256i bytes = load_32_bytes(q + group / 2 * 32);
    return _mm256_and_si256(group % 2 ? _mm256_srli_epi16(bytes, 4) : bytes, _mm256_set1_epi8(0x0f));
}

/// 32 signed bytes as floats.
SPECIALISED void float_bytes(__m256i q, vector *weights) {
    const __m128i low = _mm256_castsi256_si128(q), high = _mm256_extracti128_si256(q, 1);
    weights[0] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(low));
    weights[1] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_unpackhi_epi64(low, low)));
    weights[2] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(high));
    weights[3] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_unpackhi_epi64(high, high)));
}

/// scale · q
SPECIALISED void scale_bytes(__m256i q, float scale, vector *weights) {
    float_bytes(q, weights);
    for (int v = 0; v < VECTORS; v++) weights[v] = _mm256_mul_ps(_mm256_set1_ps(scale), weights[v]);
}

/// scale · q + offset
SPECIALISED void scale_bytes_and_add(__m256i q, float scale, float offset, vector *weights) {
    float_bytes(q, weights);
    for (int v = 0; v < VECTORS; v++) {
        weights[v] = _mm256_fmadd_ps(_mm256_set1_ps(scale), weights[v], _mm256_set1_ps(offset));
    }
}

/// scale · q − offset
SPECIALISED void scale_bytes_and_subtract(__m256i q, float scale, float offset, vector *weights) {
    float_bytes(q, weights);
    for (int v = 0; v < VECTORS; v++) {
        weights[v] = _mm256_fmsub_ps(_mm256_set1_ps(scale), weights[v], _mm256_set1_ps(offset));
    }
}

/// The 2-bit numbers of a group of Q2_K or Q3_K, one to a byte; four groups share 32 bytes.
SPECIALISED __m256i two_bits_of_group(const uint8_t *q, int group) {
    const __m256i bytes = load_32_bytes(q + group / 4 * 32);
    return _mm256_and_si256(_mm256_srli_epi16(bytes, group % 4 * 2), _mm256_set1_epi8(3));
}

SPECIALISED void unpack_q2_k_group(
    const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    float_bytes(two_bits_of_group(block + 16, group), weights);
    for (int v = 0; v < VECTORS; v++) {
        const __m256 scale = _mm256_set1_ps(prepared->scales[2 * group + v / 2]);
        weights[v] = _mm256_fmsub_ps(scale, weights[v], _mm256_set1_ps(prepared->offsets[2 * group + v / 2]));
    }
}

SPECIALISED void unpack_q3_k_group(
    const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    const __m256i high = _mm256_and_si256(load_32_bytes(block), _mm256_set1_epi8((char)(1 << group)));
    const __m256i is_low = _mm256_cmpeq_epi8(high, _mm256_setzero_si256());
    const __m256i four = _mm256_and_si256(is_low, _mm256_set1_epi8(4));
    float_bytes(_mm256_sub_epi8(two_bits_of_group(block + 32, group), four), weights);
    for (int v = 0; v < VECTORS; v++) {
        weights[v] = _mm256_mul_ps(_mm256_set1_ps(prepared->scales[2 * group + v / 2]), weights[v]);
    }
}

SPECIALISED void unpack_q6_k_group(
    const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    const int half = group / 4, k = group % 4;
    const __m256i low = load_32_bytes(block + half * 64 + k % 2 * 32), high = load_32_bytes(block + 128 + half * 32);
    // Shifts of 16-bit lanes: the bits that come over from the neighbouring byte are masked away.
    const __m256i low_bits = _mm256_and_si256(k < 2 ? low : _mm256_srli_epi16(low, 4), _mm256_set1_epi8(0x0f));
    const __m256i high_bits = _mm256_and_si256(
        k < 2 ? _mm256_slli_epi16(high, 4 - 2 * k) : _mm256_srli_epi16(high, 2 * k - 4), _mm256_set1_epi8(0x30));
    float_bytes(_mm256_sub_epi8(_mm256_or_si256(low_bits, high_bits), _mm256_set1_epi8(32)), weights);
    for (int v = 0; v < VECTORS; v++) {
        weights[v] = _mm256_mul_ps(_mm256_set1_ps(prepared->scales[2 * group + v / 2]), weights[v]);
    }
}

SPECIALISED void unpack_group(
    int format, const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    const float *scales = prepared->scales, *offsets = prepared->offsets;
    switch (format) {
    case HEADSTEER_F32:
        for (int v = 0; v < VECTORS; v++) weights[v] = _mm256_loadu_ps((const float *)(block + v * LANES * 4));
        return;
    case HEADSTEER_F16:
        for (int v = 0; v < VECTORS; v++) weights[v] = _mm256_cvtph_ps(load_16_bytes(block + v * LANES * 2));
        return;
    case HEADSTEER_BF16:
        for (int v = 0; v < VECTORS; v++) {
            const __m256i bits = _mm256_cvtepu16_epi32(load_16_bytes(block + v * LANES * 2));
            weights[v] = _mm256_castsi256_ps(_mm256_slli_epi32(bits, 16));
        }
        return;
    case HEADSTEER_Q4_0:
        scale_bytes(_mm256_sub_epi8(spread_nibbles(block + 2), _mm256_set1_epi8(8)), scales[0], weights);
        return;
    case HEADSTEER_Q4_1: scale_bytes_and_add(spread_nibbles(block + 4), scales[0], scales[1], weights); return;
    case HEADSTEER_Q5_0: {
        const __m256i q = _mm256_or_si256(spread_nibbles(block + 6), spread_fifth_bits(load_u32(block + 2)));
        scale_bytes(_mm256_sub_epi8(q, _mm256_set1_epi8(16)), scales[0], weights);
        return;
    }
    case HEADSTEER_Q5_1: {
        const __m256i q = _mm256_or_si256(spread_nibbles(block + 8), spread_fifth_bits(load_u32(block + 4)));
        scale_bytes_and_add(q, scales[0], scales[1], weights);
        return;
    }
    case HEADSTEER_Q8_0: scale_bytes(load_32_bytes(block + 2), scales[0], weights); return;
    case HEADSTEER_Q4_K:
        scale_bytes_and_subtract(nibbles_of_group(block + 16, group), scales[group], offsets[group], weights);
        return;
    case HEADSTEER_Q5_K: {
        const __m256i bit = _mm256_set1_epi8((char)(1 << group));
        const __m256i is_set = _mm256_cmpeq_epi8(_mm256_and_si256(load_32_bytes(block + 16), bit), bit);
        const __m256i q = _mm256_or_si256(
            nibbles_of_group(block + 48, group), _mm256_and_si256(is_set, _mm256_set1_epi8(16)));
        scale_bytes_and_subtract(q, scales[group], offsets[group], weights);
        return;
    }
    case HEADSTEER_Q2_K: unpack_q2_k_group(block, prepared, group, weights); return;
    case HEADSTEER_Q3_K: unpack_q3_k_group(block, prepared, group, weights); return;
    case HEADSTEER_Q6_K: unpack_q6_k_group(block, prepared, group, weights); return;
    default: __builtin_unreachable();  // check_row has let no other format pass
    }
}

static void pack_half(const float *x, size_t n, uint16_t *out) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        _mm_storeu_si128((__m128i *)(out + i), _mm256_cvtps_ph(_mm256_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT));
    }
    for (; i < n; i++) out[i] = half_from_float(x[i]);
}

#include "elementwise_template.h"

#include "rounding_avx2.h"
#include "rounding_template.h"

#define PANELS_DOT headsteer_avx2_panels_dot
#define KERNELS headsteer_avx2_kernels
#define KERNELS_NAME "avx2"
#include "rows_dot_template.h"

const struct headsteer_kernels headsteer_avxvnni_kernels = {
    "avxvnni", unpack, rows_dot_batch, add_product, rows_add_transposed, headsteer_avxvnni_panels_dot, softmax,
    logistic, round_values, pack_half,
};

#pragma clang attribute pop

#endif
