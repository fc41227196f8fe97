// The public functions, and the choice of an instruction set at run time.

#include "blocks.h"

#include <stdatomic.h>
#include <stdlib.h>

// MARK: - Choice

static const struct headsteer_kernels *const all_kernels[] = {
// From the best to the plainest.
#if defined(__x86_64__)
    &headsteer_avx512vnni_kernels,
    &headsteer_avx512_kernels,
    &headsteer_avx2_kernels,
#endif
#if defined(__aarch64__)
    &headsteer_neon_kernels,
#endif
    &headsteer_portable_kernels,
};

enum { KERNELS_COUNT = sizeof all_kernels / sizeof all_kernels[0] };

static int processor_runs(const struct headsteer_kernels *kernels) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    // F16C has no name of its own in older compilers; every processor with AVX2 and FMA has it.
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (kernels == &headsteer_avx2_kernels) return avx2;
    const int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                       && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (kernels == &headsteer_avx512_kernels) return avx512;
    if (kernels == &headsteer_avx512vnni_kernels) return avx512 && __builtin_cpu_supports("avx512vnni");
#endif
    (void)kernels;
    return 1;
}

const struct headsteer_kernels *headsteer_kernels(const char *name) {
    if (!name) return NULL;
    for (int i = 0; i < KERNELS_COUNT; i++) {
        if (strcmp(all_kernels[i]->name, name) == 0) return processor_runs(all_kernels[i]) ? all_kernels[i] : NULL;
    }
    return NULL;
}

/// The kernels in use: those that HEADSTEER_ISA names, otherwise the best.
///
/// Threads that come here at the same time may all choose; they choose the same.
static const struct headsteer_kernels *chosen_kernels(void) {
    static _Atomic(const struct headsteer_kernels *) chosen;
    const struct headsteer_kernels *kernels = atomic_load_explicit(&chosen, memory_order_acquire);
    if (kernels) return kernels;
    kernels = headsteer_kernels(getenv("HEADSTEER_ISA"));
    for (int i = 0; !kernels; i++) {
        if (processor_runs(all_kernels[i])) kernels = all_kernels[i];
    }
    atomic_store_explicit(&chosen, kernels, memory_order_release);
    return kernels;
}

// MARK: - Public functions

const char *headsteer_instruction_set(void) { return chosen_kernels()->name; }

void headsteer_unpack(int format, const void *row, float *out, size_t n) {
    chosen_kernels()->unpack(format, row, out, n);
}

void headsteer_rows_dot(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, float *y) {
    chosen_kernels()->rows_dot_batch(format, weights, row_bytes, row_count, n, x, 0, 1, y, 0, NULL);
}

void headsteer_rows_dot_batch(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride, float *scratch) {
    chosen_kernels()->rows_dot_batch(
        format, weights, row_bytes, row_count, n, x, x_stride, batch, y, y_stride, scratch);
}

int headsteer_has_int8(int format) { return chosen_kernels()->rows_dot_int8 && is_int8_format(format); }

void headsteer_rows_dot_int8(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, struct headsteer_int8_vectors x,
    size_t batch, float *y, size_t y_stride, float *scratch) {
    chosen_kernels()->rows_dot_int8(format, weights, row_bytes, row_count, n, x, batch, y, y_stride, scratch);
}

void headsteer_quantise(const float *x, size_t n, int8_t *codes, float *scales, float *sums) {
    chosen_kernels()->quantise(x, n, codes, scales, sums);
}

void headsteer_softmax(float *x, size_t n, float factor) { chosen_kernels()->softmax(x, n, factor); }

void headsteer_gate(const float *g, const float *u, float *y, size_t n) { chosen_kernels()->gate(g, u, y, n); }

void headsteer_logistic(float *x, size_t n) { chosen_kernels()->logistic(x, n); }

void headsteer_pack_half(const float *x, size_t n, uint16_t *out) { chosen_kernels()->pack_half(x, n, out); }

size_t headsteer_int8_strip(size_t n) { return int8_strip(n); }

size_t headsteer_strip(size_t n) { return panel_strip(n); }

size_t headsteer_scratch(size_t n) { return panel_strip(n) * n; }
