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
    HEADSTEER_BF16 = 30,
};

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
/// Up to 8 vectors share one unpacking of the weights. Each result has the bits that `headsteer_rows_dot` gives for its
/// vector alone.
void headsteer_rows_dot_batch(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride);

/// The instruction set that the functions above use: "avx512" (F, BW, VL, DQ), "avx2" (with FMA and F16C), "neon" or
/// "portable".
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
        size_t batch, float *y, size_t y_stride);
};

/// The kernels of the instruction set `name`, or null where this processor or build doesn't have it.
const struct headsteer_kernels *headsteer_kernels(const char *name);

#ifdef __cplusplus
}
#endif

#endif
