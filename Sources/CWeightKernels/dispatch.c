// The public functions, and the choice of an instruction set at run time.

#include "packed.h"

#include <stdatomic.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

// MARK: - Choice

static const struct headsteer_kernels *const all_kernels[] = {
// From the best to the plainest.
#if defined(__x86_64__)
    &headsteer_amx_kernels,
    &headsteer_avx512vnni_kernels,
    &headsteer_avxvnni_kernels,
    &headsteer_avx512_kernels,
    &headsteer_avx2_kernels,
#endif
#if defined(__aarch64__)
    &headsteer_neoni8mm_kernels,
    &headsteer_neondot_kernels,
    &headsteer_neon_kernels,
#endif
    &headsteer_portable_kernels,
};

enum { KERNELS_COUNT = sizeof all_kernels / sizeof all_kernels[0] };

#if defined(__x86_64__)
/// Older compilers have no name for it.
static int has_avxvnni(void) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1);
}

static int processor_runs(const struct headsteer_kernels *kernels) {
    __builtin_cpu_init();
    // F16C has no name of its own in older compilers; every processor with AVX2 and FMA has it.
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (kernels == &headsteer_avx2_kernels) return avx2;
    if (kernels == &headsteer_avxvnni_kernels) return avx2 && has_avxvnni();
    const int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                       && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (kernels == &headsteer_avx512_kernels) return avx512;
    const int vnni = avx512 && __builtin_cpu_supports("avx512vnni");
    if (kernels == &headsteer_avx512vnni_kernels) return vnni;
    if (kernels == &headsteer_amx_kernels) return vnni && headsteer_may_use_amx();
    return 1;
}
#elif defined(__aarch64__)
#if defined(__APPLE__)
static int has_feature(const char *name) {
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname(name, &value, &size, NULL, 0) == 0 && value != 0;
}

static int has_dot_products(void) { return has_feature("hw.optional.arm.FEAT_DotProd"); }
static int has_matrix_products(void) { return has_feature("hw.optional.arm.FEAT_I8MM"); }
#elif defined(__linux__)
// The kernel's names are HWCAP_ASIMDDP and HWCAP2_I8MM, which older headers lack.
static int has_dot_products(void) { return getauxval(AT_HWCAP) >> 20 & 1; }
static int has_matrix_products(void) { return getauxval(AT_HWCAP2) >> 13 & 1; }
#else
static int has_dot_products(void) { return 0; }
static int has_matrix_products(void) { return 0; }
#endif

static int processor_runs(const struct headsteer_kernels *kernels) {
    if (kernels == &headsteer_neondot_kernels) return has_dot_products();
    if (kernels == &headsteer_neoni8mm_kernels) return has_dot_products() && has_matrix_products();
    return 1;
}
#else
static int processor_runs(const struct headsteer_kernels *kernels) { return (void)kernels, 1; }
#endif

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

void headsteer_rows_dot_batch(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *x, size_t x_stride,
    size_t batch, float *y, size_t y_stride, float *scratch) {
    chosen_kernels()->rows_dot_batch(
        format, weights, row_bytes, row_count, n, x, x_stride, batch, y, y_stride, scratch);
}

void headsteer_add_product(
    size_t rows, size_t columns, size_t steps, const float *a, size_t a_row, size_t a_step, const float *b,
    size_t b_stride, float factor, int is_added, float *c, size_t c_stride) {
    chosen_kernels()->add_product(
        rows, columns, steps, a, a_row, a_step, b, b_stride, factor, is_added, c, c_stride);
}

void headsteer_rows_add_transposed(
    int format, const void *weights, size_t row_bytes, size_t row_count, size_t n, const float *g, size_t g_stride,
    size_t batch, float *y, size_t y_stride, float *scratch) {
    chosen_kernels()->rows_add_transposed(
        format, weights, row_bytes, row_count, n, g, g_stride, batch, y, y_stride, scratch);
}

size_t headsteer_transposed_scratch(size_t n) { return PRODUCT_DEPTH * transposed_stride(n); }

void headsteer_panels_dot(
    int format, const void *panels, size_t row_count, size_t n, struct headsteer_rounded x, size_t batch, float *y,
    size_t y_stride, void *scratch) {
    chosen_kernels()->panels_dot(format, panels, row_count, n, x, batch, y, y_stride, scratch);
}

size_t headsteer_panels_strip(size_t n) { return packed_strip(n); }

size_t headsteer_panels_scratch(size_t n) { return packed_scratch_bytes(n); }

void headsteer_round(const float *x, size_t n, int planes, int8_t *codes, struct headsteer_group *groups) {
    chosen_kernels()->round(x, n, planes, codes, groups);
}

void headsteer_softmax(float *x, size_t n, float factor) { chosen_kernels()->softmax(x, n, factor); }


void headsteer_logistic(float *x, size_t n) { chosen_kernels()->logistic(x, n); }

void headsteer_pack_half(const float *x, size_t n, uint16_t *out) { chosen_kernels()->pack_half(x, n, out); }

size_t headsteer_strip(size_t n) { return panel_strip(n); }

size_t headsteer_scratch(size_t n) { return panel_strip(n) * n; }
