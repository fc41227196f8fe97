// The nonlinearities of MLPs, layer norm and soft caps: one text, compiled for each instruction set.

#include "blocks.h"

#include "ActivationKernels.h"
#include "sixteen_floats.h"

#include <stdatomic.h>

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

// MARK: - Sixteen values

/// x Phi(x). Within 1 of 0, Phi is 1/2 + erf(x / sqrt 2) / 2 with an odd polynomial; beyond, erfc(t) = e^(t Q(t)), so that the lower end
/// keeps its digits. Both polynomials are least-squares fits with Lawson's weights, within 2e-9 and 4e-10.
SPECIALISED sixteen_floats gelu_of_sixteen(sixteen_floats x) {
    const sixteen_floats a = x * 0.70710678f;
    const sixteen_floats square = a * a;
    sixteen_floats p = square * 7.85385637e-5f - 8.01019196e-4f;
    p = p * square + 5.18832728e-3f;
    p = p * square - 2.68538110e-2f;
    p = p * square + 1.12835854e-1f;
    p = p * square - 3.76126260e-1f;
    p = p * square + 1.28379166e-1f;
    const sixteen_floats near = (p * a + a) * 0.5f + 0.5f;
    const sixteen_floats t = (sixteen_floats)((sixteen_integers)a & 0x7fffffff);
    sixteen_floats q = t * -1.39622407e-5f + 3.50590009e-4f;
    q = q * t - 3.75746866e-3f;
    q = q * t + 2.40100510e-2f;
    q = q * t - 1.06530845e-1f;
    q = q * t - 6.34969532e-1f;
    q = q * t - 1.12869430f;
    const sixteen_floats below = exponential(q * t) * 0.5f;
    const sixteen_floats far = choose(a < 0, below, 1.0f - below);
    return x * choose(t < 1.0f, near, far);
}

/// `activation` is a constant.
SPECIALISED sixteen_floats activation_of_sixteen(int activation, sixteen_floats x) {
    switch (activation) {
    case HEADSTEER_SILU: return x / (exponential(-x) + 1.0f);
    case HEADSTEER_GELU: return gelu_of_sixteen(x);
    case HEADSTEER_GELU_TANH:
        // (1 + tanh u) / 2 = 1 / (1 + e^-2u)
        return x / (exponential((x + x * x * x * 0.044715f) * -1.5957691216f) + 1.0f);
    default: return choose(x > 0, x * x, (sixteen_floats){0});
    }
}

SPECIALISED sixteen_floats limited_gate_of_sixteen(
    sixteen_floats g, sixteen_floats u, sixteen_floats limit, float slope) {
    g = choose(g > limit, limit, g);
    u = choose(u > limit, limit, u);
    u = choose(u < -limit, -limit, u);
    return (u + 1.0f) * (g / (exponential(g * -slope) + 1.0f));
}

// MARK: - Rows

/// `activation` is a constant.
SPECIALISED void activate_row(int activation, const float *x, const float *u, float *y, size_t n) {
    for (size_t i = 0; i < n; i += SIXTEEN) {
        const sixteen_floats a = activation_of_sixteen(activation, load_values(x + i, n - i));
        store_values(y + i, u ? a * load_values(u + i, n - i) : a, n - i);
    }
}

SPECIALISED void activate_any(int activation, const float *x, const float *u, float *y, size_t n) {
    switch (activation) {
    case HEADSTEER_SILU: activate_row(HEADSTEER_SILU, x, u, y, n); return;
    case HEADSTEER_GELU: activate_row(HEADSTEER_GELU, x, u, y, n); return;
    case HEADSTEER_GELU_TANH: activate_row(HEADSTEER_GELU_TANH, x, u, y, n); return;
    case HEADSTEER_RELU_SQUARED: activate_row(HEADSTEER_RELU_SQUARED, x, u, y, n); return;
    default: __builtin_trap();
    }
}

SPECIALISED void limited_gate_row(
    const float *g, const float *u, float limit, float slope, float *y, size_t n) {
    for (size_t i = 0; i < n; i += SIXTEEN) {
        const sixteen_floats result = limited_gate_of_sixteen(
            load_values(g + i, n - i), load_values(u + i, n - i), all_lanes(limit), slope);
        store_values(y + i, result, n - i);
    }
}

SPECIALISED void soft_cap_row(float *x, float cap, size_t n) {
    for (size_t i = 0; i < n; i += SIXTEEN) {
        store_values(x + i, hyperbolic_tangent(load_values(x + i, n - i) / cap) * cap, n - i);
    }
}

typedef double sixteen_doubles __attribute__((vector_size(128)));

/// Lanes 8, 4, 2 and 1 apart, in this order.
SPECIALISED double sum_of_doubles(sixteen_doubles v) {
    double eight[8], four[4];
    for (int i = 0; i < 8; i++) eight[i] = v[i] + v[i + 8];
    for (int i = 0; i < 4; i++) four[i] = eight[i] + eight[i + 4];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

SPECIALISED sixteen_doubles load_doubles(const float *x) {
    return __builtin_convertvector(load_sixteen(x), sixteen_doubles);
}

SPECIALISED void layer_norm_row(
    const float *x, const float *w, const float *b, float epsilon, float *y, size_t n) {
    const size_t whole = n / SIXTEEN * SIXTEEN;
    sixteen_doubles sums = {0};
    for (size_t i = 0; i < whole; i += SIXTEEN) sums += load_doubles(x + i);
    double sum = sum_of_doubles(sums);
    for (size_t i = whole; i < n; i++) sum += (double)x[i];
    const double mean = sum / (double)n;
    sixteen_doubles squares = {0};
    for (size_t i = 0; i < whole; i += SIXTEEN) {
        const sixteen_doubles d = load_doubles(x + i) - mean;
        squares += d * d;
    }
    double square = sum_of_doubles(squares);
    for (size_t i = whole; i < n; i++) square += ((double)x[i] - mean) * ((double)x[i] - mean);
    const double scale = 1 / __builtin_elementwise_sqrt(square / (double)n + (double)epsilon);
    for (size_t i = 0; i < whole; i += SIXTEEN) {
        const sixteen_floats normalised =
            __builtin_convertvector((load_doubles(x + i) - mean) * scale, sixteen_floats);
        const sixteen_floats weighted = normalised * load_sixteen(w + i);
        store_sixteen(y + i, b ? weighted + load_sixteen(b + i) : weighted);
    }
    for (size_t i = whole; i < n; i++) {
        const float weighted = (float)(((double)x[i] - mean) * scale) * w[i];
        y[i] = b ? weighted + b[i] : weighted;
    }
}

#pragma clang diagnostic pop

// MARK: - Instruction sets

#define DEFINE_KERNELS(NAME, TARGET)                                                                                  \
    TARGET static void activate_##NAME(int activation, const float *x, const float *u, float *y, size_t n) {          \
        activate_any(activation, x, u, y, n);                                                                         \
    }                                                                                                                 \
    TARGET static void limited_gate_##NAME(                                                                           \
        const float *g, const float *u, float limit, float slope, float *y, size_t n) {                               \
        limited_gate_row(g, u, limit, slope, y, n);                                                                   \
    }                                                                                                                 \
    TARGET static void soft_cap_##NAME(float *x, float cap, size_t n) { soft_cap_row(x, cap, n); }                    \
    TARGET static void layer_norm_##NAME(                                                                             \
        const float *x, const float *w, const float *b, float epsilon, float *y, size_t n) {                          \
        layer_norm_row(x, w, b, epsilon, y, n);                                                                       \
    }                                                                                                                 \
    static const struct headsteer_activation_kernels kernels_##NAME = {                                               \
        #NAME, activate_##NAME, limited_gate_##NAME, soft_cap_##NAME, layer_norm_##NAME};

#if defined(__x86_64__)
DEFINE_KERNELS(avx512, __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))))
DEFINE_KERNELS(avx2, __attribute__((target("avx2,fma"))))
#endif
DEFINE_KERNELS(plain, )

static const struct headsteer_activation_kernels *const all_kernels[] = {
// From the best to the plainest.
#if defined(__x86_64__)
    &kernels_avx512,
    &kernels_avx2,
#endif
    &kernels_plain,
};

enum { KERNELS_COUNT = sizeof all_kernels / sizeof all_kernels[0] };

static int processor_runs(const struct headsteer_activation_kernels *kernels) {
    return kernels == &kernels_plain || headsteer_kernels(kernels->name) != NULL;
}

const struct headsteer_activation_kernels *headsteer_activation_kernels(const char *name) {
    for (int i = 0; i < KERNELS_COUNT; i++) {
        if (strcmp(all_kernels[i]->name, name) == 0 && processor_runs(all_kernels[i])) return all_kernels[i];
    }
    return NULL;
}

/// The best that the processor runs: all give the same bits.
///
/// Threads that come here at the same time may all choose; they choose the same.
static const struct headsteer_activation_kernels *chosen_kernels(void) {
    static _Atomic(const struct headsteer_activation_kernels *) chosen;
    const struct headsteer_activation_kernels *kernels = atomic_load_explicit(&chosen, memory_order_acquire);
    if (kernels) return kernels;
    for (int i = 0; !kernels; i++) {
        if (processor_runs(all_kernels[i])) kernels = all_kernels[i];
    }
    atomic_store_explicit(&chosen, kernels, memory_order_release);
    return kernels;
}

void headsteer_activate(int activation, const float *x, const float *u, float *y, size_t n) {
    chosen_kernels()->activate(activation, x, u, y, n);
}

void headsteer_limited_gate(const float *g, const float *u, float limit, float slope, float *y, size_t n) {
    chosen_kernels()->limited_gate(g, u, limit, slope, y, n);
}

void headsteer_soft_cap(float *x, float cap, size_t n) { chosen_kernels()->soft_cap(x, cap, n); }

void headsteer_layer_norm(const float *x, const float *w, const float *b, float epsilon, float *y, size_t n) {
    chosen_kernels()->layer_norm(x, w, b, epsilon, y, n);
}
