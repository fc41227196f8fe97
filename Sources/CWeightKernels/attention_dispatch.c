// The public functions of attention, and the choice of their instruction set: that of all kernels.

#include "blocks.h"

#include "AttentionKernels.h"

#include <stdatomic.h>

// From the best to the plainest.
#if defined(__x86_64__)
extern const struct headsteer_attention_kernels headsteer_attention_avx512vnni;
extern const struct headsteer_attention_kernels headsteer_attention_avx512;
extern const struct headsteer_attention_kernels headsteer_attention_avx2;
#endif
#if defined(__aarch64__)
extern const struct headsteer_attention_kernels headsteer_attention_neon;
#endif
extern const struct headsteer_attention_kernels headsteer_attention_portable;

static const struct headsteer_attention_kernels *const all_kernels[] = {
#if defined(__x86_64__)
    &headsteer_attention_avx512vnni,
    &headsteer_attention_avx512,
    &headsteer_attention_avx2,
#endif
#if defined(__aarch64__)
    &headsteer_attention_neon,
#endif
    &headsteer_attention_portable,
};

enum { KERNELS_COUNT = sizeof all_kernels / sizeof all_kernels[0] };

const struct headsteer_attention_kernels *headsteer_attention_kernels(const char *name) {
    if (!headsteer_kernels(name)) return NULL;
    for (int i = 0; i < KERNELS_COUNT; i++) {
        if (strcmp(all_kernels[i]->name, name) == 0) return all_kernels[i];
    }
    return NULL;
}

/// Those of the instruction set in use; where attention has none of that name, the best that the processor runs.
///
/// Threads that come here at the same time may all choose; they choose the same.
static const struct headsteer_attention_kernels *chosen_kernels(void) {
    static _Atomic(const struct headsteer_attention_kernels *) chosen;
    const struct headsteer_attention_kernels *kernels = atomic_load_explicit(&chosen, memory_order_acquire);
    if (kernels) return kernels;
    kernels = headsteer_attention_kernels(headsteer_instruction_set());
    for (int i = 0; !kernels; i++) kernels = headsteer_attention_kernels(all_kernels[i]->name);
    atomic_store_explicit(&chosen, kernels, memory_order_release);
    return kernels;
}

size_t headsteer_attention_words(int format, size_t head_size) {
    return format == HEADSTEER_ATTENTION_INTEGERS ? (head_size + 1) / 2 : head_size;
}

size_t headsteer_attention_columns(size_t head_size) {
    return (head_size + 15) / 16 * 16;
}

size_t headsteer_attention_scratch(size_t rows) {
    // Scores, three factors, and codes with more words behind them.
    return rows * HEADSTEER_CHUNK + 3 * ((rows + 15) / 16 * 16) + rows * (HEADSTEER_CHUNK / 2 + 16);
}

void headsteer_attention_store(
    int format, size_t head_size, const struct headsteer_keys_values *target, size_t position, const float *key,
    const float *value) {
    chosen_kernels()->store(format, head_size, target, position, key, value);
}

void headsteer_attention_queries(
    int format, size_t head_size, const float *queries, size_t stride, size_t rows, uint32_t *words, float *scales) {
    chosen_kernels()->queries(format, head_size, queries, stride, rows, words, scales);
}

void headsteer_attention_compute(const struct headsteer_attention_part *part) { chosen_kernels()->compute(part); }

void headsteer_attention_begin(size_t rows, size_t columns, float *z, float *largest, float *sums) {
    memset(z, 0, rows * columns * sizeof *z);
    memset(sums, 0, rows * sizeof *sums);
    for (size_t r = 0; r < rows; r++) largest[r] = -3e38f;
}

void headsteer_attention_merge(
    size_t rows, size_t columns, float *z, float *largest, float *sums, const float *part_z,
    const float *part_largest, const float *part_sums) {
    chosen_kernels()->merge(rows, columns, z, largest, sums, part_z, part_largest, part_sums);
}

void headsteer_attention_finish(
    size_t rows, size_t head_size, const float *results, float *largest, float *sums, const float *sinks,
    size_t group, float *z, size_t stride) {
    chosen_kernels()->finish(rows, head_size, results, largest, sums, sinks, group, z, stride);
}

void headsteer_attention_weights(float *scores, size_t n, float largest, float sum) {
    chosen_kernels()->weights(scores, n, largest, sum);
}
