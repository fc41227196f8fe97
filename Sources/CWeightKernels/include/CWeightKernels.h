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

/// y[r] = sum over i of w[r, i] * x[i], for `row_count` rows that lie `row_bytes` bytes apart.
///
/// Each weight takes its exact float32 value (that of `headsteer_unpack`); products are added up in float32, in several
/// partial sums, in an order that depends on `n` and on the instruction set only. So a row's result doesn't depend on
/// which other rows a call covers, and the rows may be divided among threads in any way.
void headsteer_rows_dot(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, float *y);

/// The same for `batch` vectors: y[b * y_stride + r] = sum over i of w[r, i] * x[b * x_stride + i].
///
/// Each result has the bits that `headsteer_rows_dot` gives for its vector alone.
///
/// Many vectors share one unpacking of a strip of rows into `scratch`, which has room for `headsteer_scratch(n)` floats. It
/// may be null: then up to 8 vectors share an unpacking. F32 weights need none. A strip is small enough for the
/// second-level cache; about 100 KB of the stack are used.
void headsteer_rows_dot_batch(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride, float *scratch);

/// The floats of scratch memory that rows of `n` weights need.
size_t headsteer_scratch(size_t n);

/// The rows of `n` weights that one strip has. Whoever divides rows among threads gives each a multiple of it.
size_t headsteer_strip(size_t n);

// MARK: - Products of 8-bit integers

/// Vectors of `n` values as 8-bit integers, in groups of 32: x[i] = scales[i / 32] * codes[i], codes from -127 to 127.
///
/// Vector b begins at codes + b * n, scales + b * n / 32 and sums + b * n / 32.
struct headsteer_int8_vectors {
    const int8_t *codes;
    const float *scales;
    /// A group's scale times the sum of its codes.
    const float *sums;
};

/// Rounds a vector of `n` values, a multiple of 32, to 8-bit integers: each group's largest magnitude becomes 127.
///
/// A group with an infinite value or a NaN gets the scale NaN.
void headsteer_quantise(const float *x, size_t n, int8_t *codes, float *scales, float *sums);

/// Whether there are integer products for a format: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K and Q5_K, with the instruction sets
/// that gain by them, avx512vnni, and with portable, which others are tested against.
int headsteer_has_int8(int format);

/// The products of `headsteer_rows_dot_batch` for vectors of 8-bit integers, several times faster.
///
/// Sums within a group of 32 are exact, groups are added up in float32 in their order. The bits are the same with every
/// instruction set, and for a vector alone or in a batch. `scratch` is as there, for more than one vector.
void headsteer_rows_dot_int8(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, struct headsteer_int8_vectors x,
    size_t batch, float *y, size_t y_stride, float *scratch);

/// `headsteer_strip` for integer products.
size_t headsteer_int8_strip(size_t n);

// MARK: - Rows of activations

/// x[i] = e^(factor * x[i] - m) / (their sum) in place, where m is the largest factor * x[i]; n is at least 1.
///
/// The bits are the same with every instruction set.
void headsteer_softmax(float *x, size_t n, float factor);

/// y[i] = g[i] / (1 + e^-g[i]) * u[i]; y may be g or u. The bits are the same with every instruction set.
void headsteer_gate(const float *g, const float *u, float *y, size_t n);

/// x[i] = 1 / (1 + e^-x[i]) in place. The bits are the same with every instruction set.
void headsteer_logistic(float *x, size_t n);

/// `n` values in IEEE half precision, rounded to the nearest (to the even one of two): the format F16.
void headsteer_pack_half(const float *x, size_t n, uint16_t *out);

// MARK: - Instruction sets

/// The instruction set that the functions above use: "avx512vnni", "avx512" (F, BW, VL, DQ), "avx2" (with FMA and F16C),
/// "neon" or "portable".
///
/// It's the best that the processor has, chosen at the first call. The environment variable HEADSTEER_ISA may name a
/// lower one (portable, avx2, avx512); a name that the processor can't run, or an unknown one, has no effect.
const char *headsteer_instruction_set(void);

/// The functions above for one instruction set.
struct headsteer_kernels {
    const char *name;
    void (*unpack)(int format, const void *row, float *out, size_t n);
    void (*rows_dot_batch)(
        int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
        size_t batch, float *y, size_t y_stride, float *scratch);
    /// Null where there are no integer products.
    void (*rows_dot_int8)(
        int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, struct headsteer_int8_vectors x,
        size_t batch, float *y, size_t y_stride, float *scratch);
    void (*softmax)(float *x, size_t n, float factor);
    void (*gate)(const float *g, const float *u, float *y, size_t n);
    void (*logistic)(float *x, size_t n);
    void (*quantise)(const float *x, size_t n, int8_t *codes, float *scales, float *sums);
    void (*pack_half)(const float *x, size_t n, uint16_t *out);
};

/// The kernels of the instruction set `name`, or null where this processor or build doesn't have it.
const struct headsteer_kernels *headsteer_kernels(const char *name);

#ifdef __cplusplus
}
#endif

#endif
