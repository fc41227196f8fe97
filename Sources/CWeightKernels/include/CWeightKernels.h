// Products of float32 vectors with weights that stay in their stored form: the block formats of ggml, which GGUF files
// hold. The layouts and formulas are described in Swift, at `WeightFormat`.
//
// Conventions of every function here:
// - `format` is one of `enum headsteer_weight_format`; `n`, the number of weights in a row, is a multiple of the
//   format's block. Anything else is a programmer's error and traps.
// - A row may start at any address: nothing has to be aligned. Nothing outside of a row is read.
// - All functions may be called from any thread at any time.

#ifndef HEADSTEER_CWEIGHTKERNELS_H
#define HEADSTEER_CWEIGHTKERNELS_H

#include <stddef.h>
#include <stdint.h>
#include "ActivationKernels.h"
#include "AttentionKernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The formats, numbered as ggml and GGUF number them.
enum headsteer_weight_format {
    HEADSTEER_F32 = 0,
    HEADSTEER_F16 = 1,
    HEADSTEER_Q4_0 = 2,
    HEADSTEER_Q4_1 = 3,
    HEADSTEER_Q5_0 = 6,
    HEADSTEER_Q5_1 = 7,
    HEADSTEER_Q8_0 = 8,
    HEADSTEER_Q2_K = 10,
    HEADSTEER_Q3_K = 11,
    HEADSTEER_Q4_K = 12,
    HEADSTEER_Q5_K = 13,
    HEADSTEER_Q6_K = 14,
    HEADSTEER_IQ2_XXS = 16,
    HEADSTEER_IQ2_XS = 17,
    HEADSTEER_IQ3_XXS = 18,
    HEADSTEER_IQ1_S = 19,
    HEADSTEER_IQ4_NL = 20,
    HEADSTEER_IQ3_S = 21,
    HEADSTEER_IQ2_S = 22,
    HEADSTEER_IQ4_XS = 23,
    HEADSTEER_IQ1_M = 29,
    HEADSTEER_BF16 = 30,
    HEADSTEER_TQ1_0 = 34,
    HEADSTEER_TQ2_0 = 35,
    HEADSTEER_MXFP4 = 39,
};

/// The codebook of an IQ1, IQ2 or IQ3 format; null for all others.
///
/// IQ1_S and IQ1_M have 2048 entries, IQ2_XXS 256, IQ2_XS 512, IQ2_S 1024, IQ3_XXS 256, IQ3_S 512. An entry holds 8 numbers of 2
/// bits, of IQ3 4 numbers of 3 bits, the first one lowest: places in the ascending list of the values that the format has.
const uint16_t *headsteer_codebook(int format);

/// Writes the `n` weights of one row to `out` as float32.
///
/// The values are those of ggml's reference, bit for bit (a NaN stays a NaN, whatever its bits), with every
/// instruction set.
void headsteer_unpack(int format, const void *row, float *out, size_t n);

/// y[b * y_stride + r] = sum over i of w[r, i] * x[b * x_stride + i], for `row_count` rows that lie `row_bytes` bytes apart and
/// `batch` vectors.
///
/// Each weight takes its exact float32 value (that of `headsteer_unpack`); products are added up in float32, in several partial
/// sums, in an order that depends on `n` and on the instruction set only. So a result doesn't depend on which other rows and
/// vectors a call covers, and the rows may be divided among threads in any way.
///
/// Of weights of integers few vectors share an unpacking: packed, they have faster products. Many vectors share one unpacking of
/// a strip of rows into `scratch`, which has room for `headsteer_scratch(n)` floats. It may be null: then up to 8 vectors share an
/// unpacking. F32 weights need none. A strip is small enough for the second-level cache; about 100 KB of the stack are used.
void headsteer_rows_dot_batch(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride, float *scratch);

/// The floats of scratch memory that rows of `n` weights need.
size_t headsteer_scratch(size_t n);

/// The rows of `n` weights that one strip has. Whoever divides rows among threads gives each a multiple of it.
size_t headsteer_strip(size_t n);

// MARK: - Products for gradients

/// c[r * c_stride + i] (+)= factor * sum over s of a[r * a_row + s * a_step] * b[s * b_stride + i], for `rows` rows, `columns`
/// columns and `steps` steps: added to c where `is_added`, otherwise in its place. A is transposed where `a_row` is 1.
///
/// Each block of 128 steps is added up by itself, in the order of its steps, and then to c. So a result depends on its own values,
/// the number of steps and the instruction set only, and rows and columns may be divided among threads in any way.
void headsteer_add_product(
    size_t rows, size_t columns, size_t steps, const float *a, size_t a_row, size_t a_step, const float *b,
    size_t b_stride, float factor, int is_added, float *c, size_t c_stride);

/// y[t * y_stride + i] += sum over r of g[t * g_stride + r] * w[r, i], for `batch` vectors, `row_count` rows that lie `row_bytes` bytes
/// apart, and `n` columns: whole blocks of the format, which needn't be whole rows.
///
/// Each weight takes its exact float32 value; 128 rows are unpacked at a time, once for all vectors, and their sum is as above.
/// Rows for which all of `g` is zero are passed over, 128 at a time, which changes no bit. `scratch` has room for
/// `headsteer_transposed_scratch(n)` floats.
void headsteer_rows_add_transposed(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *g, size_t g_stride,
    size_t batch, float *y, size_t y_stride, float *scratch);

/// The floats of scratch memory for `n` columns.
size_t headsteer_transposed_scratch(size_t n);

// MARK: - Packed weights

/// The bytes of a panel, 16 rows of `n` weights in the packed layout; 0 for a format that has none: F32, F16, BF16, TQ1_0, TQ2_0
/// and the formats with codebooks.
size_t headsteer_panel_bytes(int format, size_t n);

/// Packs `row_count` rows, 1 to 16, that lie `row_bytes` apart into a panel, which begins at a multiple of 64. Rows that are
/// missing become zeros.
void headsteer_pack(int format, const void *rows, size_t row_bytes, size_t row_count, size_t n, void *panel);

/// What kernels need to know of 32 values that are rounded to whole numbers times a scale, x = scale * number.
struct headsteer_group {
    /// A power of two with three planes. NaN for values that aren't all finite.
    float scale;
    /// The scale times the sum of the numbers.
    float sum;
    /// The same for the first and the last 16.
    float half_sums[2];
    /// Minus the sum of the numbers' planes: of 256 * plane 0 + plane 1 and of plane 2; of a single plane, only `minus_low`.
    int32_t minus_high, minus_low;
    int32_t half_minus_high[2], half_minus_low[2];
};

/// Vectors of `n` values in one plane of bytes or in three, number = 65536 * plane 0 + 256 * plane 1 + plane 2.
///
/// Vector b begins at codes + b * n * planes and groups + b * n / 32. A group has 32 bytes of each plane, one plane after the
/// other.
struct headsteer_rounded {
    const int8_t *codes;
    const struct headsteer_group *groups;
    int planes;
};

/// Rounds `n` values, a multiple of 32, in one plane (each group's largest magnitude becomes 127) or in three: 24 bits, as many
/// as float32 has, for the group's largest. The bits are the same with every instruction set.
void headsteer_round(const float *x, size_t n, int planes, int8_t *codes, struct headsteer_group *groups);

/// y[b * y_stride + r] = sum over i of w[r, i] * x[b, i], for `row_count` rows in panels and `batch` vectors.
///
/// Sums within a group are exact, groups are added up in float32 in their order. With three planes the result is about as
/// accurate as with float32 products; with one it is several times faster. The bits are the same with every instruction set, and
/// for a vector alone or in a batch. `scratch` has room for `headsteer_panels_scratch(n)` bytes and begins at a multiple of 64.
void headsteer_panels_dot(
    int format, const void *panels, size_t row_count, size_t n, struct headsteer_rounded x, size_t batch, float *y,
    size_t y_stride, void *scratch);

/// The bytes of scratch memory for rows of `n` weights.
size_t headsteer_panels_scratch(size_t n);

/// The rows that share one unpacking for many vectors. Whoever divides rows among threads then gives each a multiple of it.
size_t headsteer_panels_strip(size_t n);

// MARK: - Rows of activations

/// x[i] = e^(factor * x[i] - m) / (their sum) in place, where m is the largest factor * x[i]; n is at least 1.
///
/// The bits are the same with every instruction set.
void headsteer_softmax(float *x, size_t n, float factor);

/// x[i] = 1 / (1 + e^-x[i]) in place. The bits are the same with every instruction set.
void headsteer_logistic(float *x, size_t n);

/// `n` values in IEEE half precision, rounded to the nearest (to the even one of two): the format F16.
void headsteer_pack_half(const float *x, size_t n, uint16_t *out);

// MARK: - Waiting

/// Tells the processor that a thread waits in a loop: the other thread of the same core, which may be the one that is waited for,
/// then has the core's units for itself.
static inline void headsteer_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Asks for `bytes` bytes to be brought near, without waiting for them. A hint: nothing is accessed.
static inline void headsteer_bring_near(const void *start, size_t bytes) {
    for (size_t line = 0; line < bytes; line += 64) __builtin_prefetch((const char *)start + line, 0, 2);
}

// MARK: - Instruction sets

/// The instruction set that the functions above use: on x86-64 "amx" (tiles of 8-bit integers, with all of the next),
/// "avx512vnni", "avxvnni" (AVX2 with VNNI), "avx512" (F, BW, VL, DQ) or "avx2" (with FMA and F16C); on AArch64 "neoni8mm" (with dot
/// products and products of matrices of bytes), "neondot" (with dot products) or "neon"; elsewhere "portable".
///
/// It's the best that the processor has, chosen at the first call. The environment variable HEADSTEER_ISA may name another
/// one of them; a name that the processor can't run, or an unknown one, has no effect.
const char *headsteer_instruction_set(void);

/// The functions above for one instruction set.
struct headsteer_kernels {
    const char *name;
    void (*unpack)(int format, const void *row, float *out, size_t n);
    void (*rows_dot_batch)(
        int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
        size_t batch, float *y, size_t y_stride, float *scratch);
    void (*add_product)(
        size_t rows, size_t columns, size_t steps, const float *a, size_t a_row, size_t a_step, const float *b,
        size_t b_stride, float factor, int is_added, float *c, size_t c_stride);
    void (*rows_add_transposed)(
        int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *g, size_t g_stride,
        size_t batch, float *y, size_t y_stride, float *scratch);
    void (*panels_dot)(
        int format, const void *panels, size_t row_count, size_t n, struct headsteer_rounded x, size_t batch, float *y,
        size_t y_stride, void *scratch);
    void (*softmax)(float *x, size_t n, float factor);
    void (*logistic)(float *x, size_t n);
    void (*round)(const float *x, size_t n, int planes, int8_t *codes, struct headsteer_group *groups);
    void (*pack_half)(const float *x, size_t n, uint16_t *out);
};

/// The kernels of the instruction set `name`, or null where this processor or build doesn't have it.
const struct headsteer_kernels *headsteer_kernels(const char *name);

#ifdef __cplusplus
}
#endif

#endif
