// The nonlinearities of MLPs, layer norm and soft caps, on rows of floats. The bits are the same with every instruction set.

#ifndef HEADSTEER_ACTIVATION_KERNELS_H
#define HEADSTEER_ACTIVATION_KERNELS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Which function of one value.
enum headsteer_activation {
    /// x / (1 + e^-x)
    HEADSTEER_SILU,
    /// x Phi(x), with the normal distribution function Phi
    HEADSTEER_GELU,
    /// the same with Phi(x) = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
    HEADSTEER_GELU_TANH,
    /// x^2 for positive x, else 0
    HEADSTEER_RELU_SQUARED,
};

/// y[i] = a(x[i]), or a(x[i]) * u[i] where `u` isn't null; y may be x or u.
void headsteer_activate(int activation, const float *x, const float *u, float *y, size_t n);

/// y[i] = (u + 1) g / (1 + e^(-slope g)) with g = min(g[i], limit) and u = u[i] between -limit and limit; y may be g or u.
void headsteer_limited_gate(const float *g, const float *u, float limit, float slope, float *y, size_t n);

/// x[i] = cap tanh(x[i] / cap), in place.
void headsteer_soft_cap(float *x, float cap, size_t n);

/// y[i] = w[i] (x[i] - mean(x)) / sqrt(variance(x) + epsilon) + b[i]; `b` may be null, y may be x.
///
/// Mean and variance are computed in double precision: a mean that is large beside the spread would cost float32's last digits.
void headsteer_layer_norm(const float *x, const float *w, const float *b, float epsilon, float *y, size_t n);

/// The functions above for one instruction set.
struct headsteer_activation_kernels {
    const char *name;
    void (*activate)(int activation, const float *x, const float *u, float *y, size_t n);
    void (*limited_gate)(const float *g, const float *u, float limit, float slope, float *y, size_t n);
    void (*soft_cap)(float *x, float cap, size_t n);
    void (*layer_norm)(const float *x, const float *w, const float *b, float epsilon, float *y, size_t n);
};

/// Those of "avx512", "avx2" or "plain" (the compiler's own vectors), or null where this processor or build doesn't have them.
const struct headsteer_activation_kernels *headsteer_activation_kernels(const char *name);

#ifdef __cplusplus
}
#endif

#endif
