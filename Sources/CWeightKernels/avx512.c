// Kernels for x86-64 with AVX-512 F, BW, VL and DQ: 16 floats to a vector, two vectors to a group.
//
// A group's 16 or 32 possible values are few enough for a table in one or two registers: `vpermps` looks up 16 weights
// at once by the low 4 bits of each lane, so that the nibbles needn't be masked, and the table itself costs one
// instruction for a whole block.

#if defined(__x86_64__)

#include "blocks.h"

#include <immintrin.h>

#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)

typedef __m512 vector;

enum { LANES = 16, VECTORS = 2, ACCUMULATORS = 1 };

#define ROWS_FOR_1 4
#define ROWS_FOR_2 4
#define ROWS_FOR_4 4
#define ROWS_FOR_8 2
enum { PANEL_ROWS = 3, PANEL_WIDTH = 8, PRODUCT_VECTORS = 4 };

// MARK: - Vectors

SPECIALISED vector vector_zero(void) { return _mm512_setzero_ps(); }
SPECIALISED vector vector_load(const float *source) { return _mm512_loadu_ps(source); }
SPECIALISED void vector_store(float *target, vector value) { _mm512_storeu_ps(target, value); }
SPECIALISED vector vector_add(vector a, vector b) { return _mm512_add_ps(a, b); }
SPECIALISED vector vector_multiply_add(vector a, vector b, vector c) { return _mm512_fmadd_ps(a, b, c); }

SPECIALISED float vector_sum(vector value) {
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(value), _mm512_extractf32x8_ps(value, 1));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/// The first halves of both, the second halves of both exchanged: a step of adding up several vectors at once. `second`
/// says which lanes come from `b`, `crossed` where the lanes go that `a` and `b` have left.
SPECIALISED vector add_halves(vector a, vector b, __mmask16 second, __m512i crossed) {
    return _mm512_add_ps(_mm512_mask_blend_ps(second, a, b), _mm512_permutex2var_ps(a, crossed, b));
}

/// Eight sums with the work of about three: lanes 8 apart are added first, then 4, 2 and 1, as in `vector_sum`.
SPECIALISED void vector_eight_sums(const vector *v, float *sums) {
    const __m512i by_8 = _mm512_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
    const __m512i by_4 = _mm512_setr_epi32(4, 5, 6, 7, 16, 17, 18, 19, 12, 13, 14, 15, 24, 25, 26, 27);
    const __m512i by_2 = _mm512_setr_epi32(2, 3, 16, 17, 6, 7, 20, 21, 10, 11, 24, 25, 14, 15, 28, 29);
    vector four[4];
    UNROLL for (int i = 0; i < 4; i++) four[i] = add_halves(v[i], v[i + 4], 0xff00, by_8);
    vector two[2];
    UNROLL for (int i = 0; i < 2; i++) two[i] = add_halves(four[i], four[i + 2], 0xf0f0, by_4);
    const vector one = add_halves(two[0], two[1], 0xcccc, by_2);
    // Lanes 2i and 2i + 1 belong to vector i.
    const vector all = _mm512_add_ps(one, _mm512_movehdup_ps(one));
    const __m512i order = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 0, 0, 0, 0, 0, 0, 0, 0);
    _mm256_storeu_ps(sums, _mm512_castps512_ps256(_mm512_permutexvar_ps(order, all)));
}

/// Four sums in the same way.
SPECIALISED void vector_four_sums(const vector *v, float *sums) {
    __m256 eight[4];
    UNROLL for (int i = 0; i < 4; i++) {
        eight[i] = _mm256_add_ps(_mm512_castps512_ps256(v[i]), _mm512_extractf32x8_ps(v[i], 1));
    }
    __m128 four[4];
    UNROLL for (int i = 0; i < 4; i++) {
        four[i] = _mm_add_ps(_mm256_castps256_ps128(eight[i]), _mm256_extractf128_ps(eight[i], 1));
    }
    // Lanes 0 and 1 plus lanes 2 and 3, of two vectors at once.
    const __m128 first = _mm_add_ps(_mm_movelh_ps(four[0], four[1]), _mm_movehl_ps(four[1], four[0]));
    const __m128 second = _mm_add_ps(_mm_movelh_ps(four[2], four[3]), _mm_movehl_ps(four[3], four[2]));
    const __m128 even = _mm_shuffle_ps(first, second, _MM_SHUFFLE(2, 0, 2, 0));
    const __m128 odd = _mm_shuffle_ps(first, second, _MM_SHUFFLE(3, 1, 3, 1));
    _mm_storeu_ps(sums, _mm_add_ps(even, odd));
}

/// `vector_sum` of each of `count` vectors, a constant.
SPECIALISED void vector_sums(int count, const vector *vectors, float *sums) {
    int i = 0;
    UNROLL for (; i + 8 <= count; i += 8) vector_eight_sums(vectors + i, sums + i);
    UNROLL for (; i + 4 <= count; i += 4) vector_four_sums(vectors + i, sums + i);
    UNROLL for (; i < count; i++) sums[i] = vector_sum(vectors[i]);
}
#define HAS_VECTOR_SUMS

// MARK: - Blocks

/// Scales and offsets lie in memory, from where a broadcast costs no shuffle: the shuffle port is the bottleneck.
struct prepared {
    float scales[16];
    float offsets[16];
};

/// 16 bytes, each in a lane of 32 bits.
SPECIALISED __m512i widen_bytes(const uint8_t *source) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)source));
}

/// Keeps the compiler from taking the scales from the registers they were in.
#define FORCE_TO_MEMORY(OBJECT) __asm__("" : "+m"(OBJECT))

/// Four half-precision numbers at `source`, of which 8 bytes are read.
SPECIALISED void prepare_four_halves(const uint8_t *source, float *target) {
    _mm_storeu_ps(target, _mm_cvtph_ps(_mm_loadl_epi64((const __m128i *)source)));
    FORCE_TO_MEMORY(*(float(*)[4])target);
}

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
    FORCE_TO_MEMORY(prepared->scales);
    FORCE_TO_MEMORY(prepared->offsets);
}

SPECIALISED void prepare_block(int format, const uint8_t *block, struct prepared *prepared) {
    switch (format) {
    case HEADSTEER_Q4_0:
    case HEADSTEER_Q4_1:
    case HEADSTEER_Q5_0:
    case HEADSTEER_Q5_1:
    case HEADSTEER_Q8_0: prepare_four_halves(block, prepared->scales); break;
    case HEADSTEER_Q2_K: {
        const __m512i bytes = widen_bytes(block);
        const __m128 d_and_minimum = _mm_cvtph_ps(_mm_cvtsi32_si128((int)load_u32(block + 80)));
        const __m512 d = _mm512_broadcastss_ps(d_and_minimum);
        const __m512 minimum = _mm512_broadcastss_ps(_mm_movehdup_ps(d_and_minimum));
        const __m512i scales = _mm512_and_si512(bytes, _mm512_set1_epi32(15)), minima = _mm512_srli_epi32(bytes, 4);
        _mm512_storeu_ps(prepared->scales, _mm512_mul_ps(d, _mm512_cvtepi32_ps(scales)));
        _mm512_storeu_ps(prepared->offsets, _mm512_mul_ps(minimum, _mm512_cvtepi32_ps(minima)));
        FORCE_TO_MEMORY(prepared->scales);
        FORCE_TO_MEMORY(prepared->offsets);
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
        const __m512i scales = _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(block + 192)));
        const __m512 d = _mm512_set1_ps(_mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(load_u16(block + 208)))));
        _mm512_storeu_ps(prepared->scales, _mm512_mul_ps(d, _mm512_cvtepi32_ps(scales)));
        FORCE_TO_MEMORY(prepared->scales);
        break;
    }
    default: break;
    }
}

// MARK: - Groups

/// 0, 1, … 15, plus `first`.
SPECIALISED __m512 sixteen_from(float first) {
    return _mm512_add_ps(
        _mm512_set1_ps(first), _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

/// The nibbles of 16 bytes as indices into `table`: first the low ones, then the high ones.
SPECIALISED void look_up_nibbles(const uint8_t *q, __m512 table, vector *weights) {
    const __m512i bytes = widen_bytes(q);
    weights[0] = _mm512_permutexvar_ps(bytes, table);
    weights[1] = _mm512_permutexvar_ps(_mm512_srli_epi32(bytes, 4), table);
}

/// The same with a fifth bit for each of the 32 weights, that chooses `above` instead of `table`.
SPECIALISED void look_up_five_bits(
    const uint8_t *q, uint32_t fifth_bits, __m512 table, __m512 above, vector *weights) {
    const __m512i low = widen_bytes(q), high = _mm512_srli_epi32(low, 4);
    weights[0] = _mm512_mask_permutexvar_ps(
        _mm512_permutexvar_ps(low, table), (__mmask16)fifth_bits, low, above);
    weights[1] = _mm512_mask_permutexvar_ps(
        _mm512_permutexvar_ps(high, table), (__mmask16)(fifth_bits >> 16), high, above);
}

/// 32 signed bytes as floats, times a scale for each half.
SPECIALISED void scale_bytes(__m128i first, __m128i second, float scale_0, float scale_1, vector *weights) {
    weights[0] = _mm512_mul_ps(_mm512_set1_ps(scale_0), _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(first)));
    weights[1] = _mm512_mul_ps(_mm512_set1_ps(scale_1), _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(second)));
}

/// The 2-bit numbers of a group of Q2_K or Q3_K, one to a byte; four groups share 32 bytes.
SPECIALISED __m256i two_bits_of_group(const uint8_t *q, int group) {
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)(q + group / 4 * 32));
    return _mm256_and_si256(_mm256_srli_epi16(bytes, group % 4 * 2), _mm256_set1_epi8(3));
}

SPECIALISED void unpack_q2_k_group(
    const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    const __m256i q = two_bits_of_group(block + 16, group);
    const __m128i halves[VECTORS] = {_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1)};
    for (int v = 0; v < VECTORS; v++) {
        const __m512 scale = _mm512_set1_ps(prepared->scales[2 * group + v]);
        const __m512 offset = _mm512_set1_ps(prepared->offsets[2 * group + v]);
        weights[v] = _mm512_fmsub_ps(scale, _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(halves[v])), offset);
    }
}

SPECIALISED void unpack_q3_k_group(
    const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    const __m256i high = _mm256_loadu_si256((const __m256i *)block);
    const __mmask32 is_low = _mm256_testn_epi8_mask(high, _mm256_set1_epi8((char)(1 << group)));
    const __m256i low_bits = two_bits_of_group(block + 32, group);
    const __m256i q = _mm256_mask_sub_epi8(low_bits, is_low, low_bits, _mm256_set1_epi8(4));
    scale_bytes(
        _mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1), prepared->scales[2 * group],
        prepared->scales[2 * group + 1], weights);
}

SPECIALISED void unpack_q4_k_group(
    const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    const __m512 scale = _mm512_set1_ps(prepared->scales[group]), offset = _mm512_set1_ps(prepared->offsets[group]);
    const __m512 table = _mm512_fmsub_ps(scale, sixteen_from(0), offset);
    const uint8_t *q = block + 16 + group / 2 * 32;
    for (int v = 0; v < VECTORS; v++) {
        const __m512i bytes = widen_bytes(q + v * LANES);
        weights[v] = _mm512_permutexvar_ps(group % 2 ? _mm512_srli_epi32(bytes, 4) : bytes, table);
    }
}

SPECIALISED void unpack_q5_k_group(
    const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    const __m512 scale = _mm512_set1_ps(prepared->scales[group]), offset = _mm512_set1_ps(prepared->offsets[group]);
    const __m512 table = _mm512_fmsub_ps(scale, sixteen_from(0), offset);
    const __m512 above = _mm512_fmsub_ps(scale, sixteen_from(16), offset);
    const __m256i high = _mm256_loadu_si256((const __m256i *)(block + 16));
    const uint32_t fifth_bits = _mm256_test_epi8_mask(high, _mm256_set1_epi8((char)(1 << group)));
    const uint8_t *q = block + 48 + group / 2 * 32;
    for (int v = 0; v < VECTORS; v++) {
        const __m512i bytes = widen_bytes(q + v * LANES);
        const __m512i nibbles = group % 2 ? _mm512_srli_epi32(bytes, 4) : bytes;
        weights[v] = _mm512_mask_permutexvar_ps(
            _mm512_permutexvar_ps(nibbles, table), (__mmask16)(fifth_bits >> (v * LANES)), nibbles, above);
    }
}

SPECIALISED void unpack_q6_k_group(
    const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    const int half = group / 4, k = group % 4;
    const __m256i low = _mm256_loadu_si256((const __m256i *)(block + half * 64 + k % 2 * 32));
    const __m256i high = _mm256_loadu_si256((const __m256i *)(block + 128 + half * 32));
    // Shifts of 16-bit lanes: the bits that come over from the neighbouring byte are masked away.
    const __m256i low_bits = _mm256_and_si256(_mm256_srli_epi16(low, k / 2 * 4), _mm256_set1_epi8(0x0f));
    const __m256i high_bits = _mm256_and_si256(
        k < 2 ? _mm256_slli_epi16(high, 4 - 2 * k) : _mm256_srli_epi16(high, 2 * k - 4), _mm256_set1_epi8(0x30));
    const __m256i q = _mm256_sub_epi8(_mm256_or_si256(low_bits, high_bits), _mm256_set1_epi8(32));
    scale_bytes(
        _mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1), prepared->scales[2 * group],
        prepared->scales[2 * group + 1], weights);
}

SPECIALISED void unpack_group(
    int format, const uint8_t *block, const struct prepared *prepared, int group, vector *weights) {
    const float *scales = prepared->scales;
    switch (format) {
    case HEADSTEER_F32:
        for (int v = 0; v < VECTORS; v++) weights[v] = _mm512_loadu_ps(block + v * LANES * 4);
        return;
    case HEADSTEER_F16:
        for (int v = 0; v < VECTORS; v++) {
            weights[v] = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(block + v * LANES * 2)));
        }
        return;
    case HEADSTEER_BF16:
        for (int v = 0; v < VECTORS; v++) {
            const __m256i bits = _mm256_loadu_si256((const __m256i *)(block + v * LANES * 2));
            weights[v] = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
        }
        return;
    case HEADSTEER_Q4_0:
        look_up_nibbles(block + 2, _mm512_mul_ps(_mm512_set1_ps(scales[0]), sixteen_from(-8)), weights);
        return;
    case HEADSTEER_Q4_1: {
        const __m512 d = _mm512_set1_ps(scales[0]), m = _mm512_set1_ps(scales[1]);
        look_up_nibbles(block + 4, _mm512_fmadd_ps(d, sixteen_from(0), m), weights);
        return;
    }
    case HEADSTEER_Q5_0: {
        const __m512 d = _mm512_set1_ps(scales[0]);
        look_up_five_bits(
            block + 6, load_u32(block + 2), _mm512_mul_ps(d, sixteen_from(-16)), _mm512_mul_ps(d, sixteen_from(0)),
            weights);
        return;
    }
    case HEADSTEER_Q5_1: {
        const __m512 d = _mm512_set1_ps(scales[0]), m = _mm512_set1_ps(scales[1]);
        look_up_five_bits(
            block + 8, load_u32(block + 4), _mm512_fmadd_ps(d, sixteen_from(0), m),
            _mm512_fmadd_ps(d, sixteen_from(16), m), weights);
        return;
    }
    case HEADSTEER_Q8_0: {
        const __m128i *q = (const __m128i *)(block + 2);
        scale_bytes(_mm_loadu_si128(q), _mm_loadu_si128(q + 1), scales[0], scales[0], weights);
        return;
    }
    case HEADSTEER_Q2_K: unpack_q2_k_group(block, prepared, group, weights); return;
    case HEADSTEER_Q3_K: unpack_q3_k_group(block, prepared, group, weights); return;
    case HEADSTEER_Q4_K: unpack_q4_k_group(block, prepared, group, weights); return;
    case HEADSTEER_Q5_K: unpack_q5_k_group(block, prepared, group, weights); return;
    case HEADSTEER_Q6_K: unpack_q6_k_group(block, prepared, group, weights); return;
    default: __builtin_unreachable();  // check_row has let no other format pass
    }
}

static void pack_half(const float *x, size_t n, uint16_t *out) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        _mm256_storeu_si256((__m256i *)(out + i), _mm512_cvtps_ph(_mm512_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT));
    }
    for (; i < n; i++) out[i] = half_from_float(x[i]);
}

#include "elementwise_template.h"

#include "rounding_avx2.h"
#include "rounding_template.h"

#define PANELS_DOT headsteer_avx512_panels_dot
#define KERNELS headsteer_avx512_kernels
#define KERNELS_NAME "avx512"
#include "rows_dot_template.h"

const struct headsteer_kernels headsteer_avx512vnni_kernels = {
    "avx512vnni", unpack, rows_dot_batch, add_product, rows_add_transposed, headsteer_avx512vnni_panels_dot, softmax,
    logistic, round_values, pack_half,
};

const struct headsteer_kernels headsteer_amx_kernels = {
    "amx", unpack, rows_dot_batch, add_product, rows_add_transposed, headsteer_amx_panels_dot, softmax,
    logistic, round_values, pack_half,
};

#pragma clang attribute pop

#endif
