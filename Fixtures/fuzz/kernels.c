// libFuzzer's target for the C kernels: weights, sizes, strides and vectors of any bytes. Address Sanitizer sees every read and
// write beside a buffer, which are all as large as the headers say and no larger; what the headers promise to be the same bits
// with every instruction set is compared. kernels.sh builds and runs it.

#include "CWeightKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct input {
    const uint8_t *bytes;
    size_t count;
};

/// The next number below `end`; 0 where the input has ended.
static size_t below(struct input *input, size_t end) {
    if (input->count == 0) return 0;
    input->count--;
    return *input->bytes++ % end;
}

/// `count` bytes at an address that is a multiple of `alignment`, filled with the input, over and over.
static void *filled(struct input *input, size_t count, size_t alignment) {
    uint8_t *memory = NULL;
    if (posix_memalign((void **)&memory, alignment, count ? count : 1)) abort();
    const size_t length = input->count;
    for (size_t i = 0; i < count; i++) memory[i] = length ? input->bytes[i % length] : (uint8_t)i;
    if (length) {
        const size_t used = count < length ? count : length;
        // The next buffer goes on where this one ended, and begins again where there is no more.
        if (used < length) input->bytes += used, input->count -= used;
    }
    return memory;
}

/// Floats that are mostly of a size that models have.
static float *floats(struct input *input, size_t count) {
    const int wild = below(input, 8) == 0;
    float *values = filled(input, count * sizeof(float), 8);
    for (size_t i = 0; i < count && !wild; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        values[i] = (float)((int)(bits % 65536) - 32768) / 4096;
    }
    return values;
}

/// Whether two rows of floats have the same bits, or both NaN.
static int same(const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (memcmp(a + i, b + i, sizeof *a) != 0 && !(a[i] != a[i] && b[i] != b[i])) return 0;
    }
    return 1;
}

static void differ(const char *what, const char *set, int format) {
    fprintf(stderr, "%s of the format %d: other bits with %s\n", what, format, set);
    abort();
}

static const char *const sets[] = {"portable", "avx2", "avx512", "avxvnni", "avx512vnni", "amx", "neon", "neondot", "neoni8mm"};
enum { SETS = sizeof sets / sizeof sets[0] };

struct stored {
    int format;
    size_t weights, bytes;
};
static const struct stored formats[] = {
    {HEADSTEER_F32, 1, 4},        {HEADSTEER_F16, 1, 2},       {HEADSTEER_BF16, 1, 2},      {HEADSTEER_Q4_0, 32, 18},
    {HEADSTEER_Q4_1, 32, 20},     {HEADSTEER_Q5_0, 32, 22},    {HEADSTEER_Q5_1, 32, 24},    {HEADSTEER_Q8_0, 32, 34},
    {HEADSTEER_Q2_K, 256, 84},    {HEADSTEER_Q3_K, 256, 110},  {HEADSTEER_Q4_K, 256, 144},  {HEADSTEER_Q5_K, 256, 176},
    {HEADSTEER_Q6_K, 256, 210},   {HEADSTEER_IQ2_XXS, 256, 66}, {HEADSTEER_IQ2_XS, 256, 74}, {HEADSTEER_IQ2_S, 256, 82},
    {HEADSTEER_IQ3_XXS, 256, 98}, {HEADSTEER_IQ3_S, 256, 110}, {HEADSTEER_IQ1_S, 256, 50},  {HEADSTEER_IQ1_M, 256, 56},
    {HEADSTEER_IQ4_NL, 32, 18},   {HEADSTEER_IQ4_XS, 256, 136}, {HEADSTEER_TQ1_0, 256, 54},  {HEADSTEER_TQ2_0, 256, 66},
    {HEADSTEER_MXFP4, 32, 17},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

// MARK: - Weights

static void products(struct input *input) {
    const struct stored stored = formats[below(input, FORMATS)];
    const int format = stored.format;
    const size_t n = (below(input, stored.weights == 1 ? 96 : 5) + 1) * stored.weights;
    const size_t rows = below(input, 40) + 1, batch = below(input, 20) + 1;
    const size_t row_bytes = n / stored.weights * stored.bytes + below(input, 3);
    const size_t x_stride = n + below(input, 3), y_stride = rows + below(input, 3);
    const int planes = below(input, 2) ? 3 : 1;
    float *x = floats(input, batch * x_stride);
    // An odd address: nothing has to be aligned.
    const size_t stored_bytes = (rows - 1) * row_bytes + n / stored.weights * stored.bytes;
    uint8_t *block = filled(input, stored_bytes + 1, 1 << 4);
    const uint8_t *weights = block + 1;

    float *values = malloc(n * sizeof(float)), *first = NULL;
    float *y = malloc(batch * y_stride * sizeof(float)), *packed = NULL;
    float *scratch = malloc(headsteer_scratch(n) * sizeof(float));
    const size_t panel = headsteer_panel_bytes(format, n), panels = (rows + 15) / 16;
    uint8_t *packed_weights = NULL;
    void *packed_scratch = NULL;
    int8_t *codes = NULL;
    struct headsteer_group *groups = NULL;
    if (panel) {
        if (posix_memalign((void **)&packed_weights, 64, panel * panels)) abort();
        if (posix_memalign(&packed_scratch, 64, headsteer_panels_scratch(n))) abort();
        for (size_t p = 0; p < panels; p++) {
            const size_t count = rows - 16 * p < 16 ? rows - 16 * p : 16;
            headsteer_pack(format, weights + 16 * p * row_bytes, row_bytes, count, n, packed_weights + p * panel);
        }
        codes = malloc(batch * n * planes);
        groups = malloc(batch * n / 32 * sizeof *groups);
    }
    for (int i = 0; i < SETS; i++) {
        const struct headsteer_kernels *kernels = headsteer_kernels(sets[i]);
        if (!kernels) continue;
        kernels->unpack(format, weights, values, n);
        if (first && !same(values, first, n)) differ("weights", sets[i], format);
        if (!first) first = malloc(n * sizeof(float)), memcpy(first, values, n * sizeof(float));
        kernels->rows_dot_batch(format, weights, row_bytes, rows, n, x, x_stride, batch, y, y_stride, scratch);
        kernels->rows_dot_batch(format, weights, row_bytes, rows, n, x, x_stride, batch, y, y_stride, NULL);
        if (!panel) continue;
        for (size_t b = 0; b < batch; b++) {
            kernels->round(x + b * x_stride, n, planes, codes + b * n * planes, groups + b * n / 32);
        }
        memset(y, 0, batch * y_stride * sizeof(float));
        kernels->panels_dot(
            format, packed_weights, rows, n, (struct headsteer_rounded){codes, groups, planes}, batch, y, y_stride,
            packed_scratch);
        if (packed && !same(y, packed, batch * y_stride)) differ("packed products", sets[i], format);
        if (!packed) {
            packed = malloc(batch * y_stride * sizeof(float));
            memcpy(packed, y, batch * y_stride * sizeof(float));
        }
    }
    free(x), free(block), free(values), free(first), free(y), free(packed), free(scratch);
    free(packed_weights), free(packed_scratch), free(codes), free(groups);
}

// MARK: - Attention

static void attention(struct input *input) {
    const int format = below(input, 2) ? HEADSTEER_ATTENTION_INTEGERS : HEADSTEER_ATTENTION_FLOATS;
    const size_t head_size = below(input, 130) + 1, rows = below(input, 20) + 1;
    const size_t words = headsteer_attention_words(format, head_size), columns = headsteer_attention_columns(head_size);
    const size_t positions = below(input, HEADSTEER_CHUNK) + 1;
    const size_t room = (positions + HEADSTEER_LANES - 1) / HEADSTEER_LANES * HEADSTEER_LANES;
    const int integers = format == HEADSTEER_ATTENTION_INTEGERS;
    const size_t value_words = (integers ? room / 2 : room) * columns;
    const size_t stride = head_size + below(input, 3);
    const float soft_cap = below(input, 3) == 0 ? 20 : 0;
    int32_t *from = malloc(rows * sizeof *from), *to = malloc(rows * sizeof *to);
    for (size_t r = 0; r < rows; r++) {
        to[r] = (int32_t)below(input, positions + 1);
        from[r] = (int32_t)below(input, (size_t)to[r] + 1);
    }
    float *keys = floats(input, positions * head_size), *values = floats(input, positions * head_size);
    float *queries = floats(input, rows * stride);
    float *first = NULL;
    for (int i = 0; i < SETS; i++) {
        const struct headsteer_attention_kernels *kernels = headsteer_attention_kernels(sets[i]);
        if (!kernels) continue;
        struct headsteer_keys_values stored = {
            .keys = calloc(room * words, 4), .values = calloc(value_words, 4),
            .key_scales = calloc(room, 4), .value_scales = calloc(room, 4)};
        for (size_t p = 0; p < positions; p++) {
            kernels->store(format, head_size, &stored, p, keys + p * head_size, values + p * head_size);
        }
        uint32_t *query_words = calloc(rows * words, 4);
        float *scales = calloc(rows, 4), *scratch = NULL;
        kernels->queries(format, head_size, queries, stride, rows, query_words, scales);
        if (posix_memalign((void **)&scratch, 64, headsteer_attention_scratch(rows) * 4)) abort();
        float *part_z = malloc(rows * columns * 4), *part_largest = malloc(rows * 4), *part_sums = malloc(rows * 4);
        float *z = malloc(rows * columns * 4), *largest = malloc(rows * 4), *sums = malloc(rows * 4);
        float *result = calloc(rows * head_size, 4);
        float **scores = malloc(rows * sizeof *scores), *row_scores = calloc(rows * room, 4);
        for (size_t r = 0; r < rows; r++) scores[r] = row_scores + r * room;
        const struct headsteer_attention_part part = {
            .format = format, .head_size = head_size, .scale = 0.125f, .soft_cap = soft_cap, .chunk = stored,
            .rows = rows, .queries = query_words, .query_scales = scales, .from = from, .to = to,
            .scores = below(input, 2) ? scores : NULL, .scratch = scratch,
            .z = part_z, .largest = part_largest, .sums = part_sums};
        // Rows that see nothing of the chunk have seen something before.
        headsteer_attention_begin(rows, columns, part_z, part_largest, part_sums);
        headsteer_attention_begin(rows, columns, z, largest, sums);
        for (size_t r = 0; r < rows; r++) {
            if (from[r] < to[r]) continue;
            largest[r] = 0, sums[r] = 1;
            for (size_t c = 0; c < columns; c++) z[r * columns + c] = 1;
        }
        kernels->compute(&part);
        kernels->merge(rows, columns, z, largest, sums, part_z, part_largest, part_sums);
        kernels->finish(rows, head_size, z, largest, sums, NULL, 1, result, head_size);
        for (size_t r = 0; r < rows; r++) {
            for (size_t c = 0; c < head_size && from[r] == to[r]; c++) {
                if (result[r * head_size + c] != 1) differ("a row that sees nothing", sets[i], format);
            }
        }
        // "portable" rounds products first.
        if (strcmp(sets[i], "portable") != 0) {
            if (first && !same(result, first, rows * head_size)) differ("attention", sets[i], format);
            if (!first) first = malloc(rows * head_size * 4), memcpy(first, result, rows * head_size * 4);
        }
        free(stored.keys), free(stored.values), free(stored.key_scales), free(stored.value_scales);
        free(query_words), free(scales), free(scratch), free(part_z), free(part_largest), free(part_sums);
        free(z), free(largest), free(sums), free(result), free(scores), free(row_scores);
    }
    free(from), free(to), free(keys), free(values), free(queries), free(first);
}

// MARK: - Rows of activations

static void elementwise(struct input *input) {
    const size_t n = below(input, 200) + 1;
    const int activation = (int)below(input, 4), gated = below(input, 2) == 1;
    float *x = floats(input, n), *u = floats(input, n), *w = floats(input, n), *b = floats(input, n);
    float *y = malloc(n * 4), *results = malloc(6 * n * 4), *first = NULL;
    uint16_t *half = malloc(n * 2);
    for (int i = 0; i < SETS; i++) {
        const struct headsteer_kernels *kernels = headsteer_kernels(sets[i]);
        const struct headsteer_activation_kernels *activations =
            headsteer_activation_kernels(strcmp(sets[i], "portable") == 0 ? "plain" : sets[i]);
        if (kernels) {
            memcpy(y, x, n * 4), kernels->softmax(y, n, 0.5f);
            memcpy(y, x, n * 4), kernels->logistic(y, n);
            kernels->pack_half(x, n, half);
        }
        if (!activations) continue;
        activations->activate(activation, x, gated ? u : NULL, results, n);
        activations->limited_gate(x, u, 7, 1.702f, results + n, n);
        memcpy(results + 2 * n, x, n * 4), activations->soft_cap(results + 2 * n, 30, n);
        activations->layer_norm(x, w, gated ? b : NULL, 1e-5f, results + 3 * n, n);
        if (first && !same(results, first, 4 * n)) differ("activations", sets[i], activation);
        if (!first) first = malloc(4 * n * 4), memcpy(first, results, 4 * n * 4);
    }
    free(x), free(u), free(w), free(b), free(y), free(results), free(first), free(half);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    struct input input = {bytes, count};
    switch (below(&input, 4)) {
    case 0: attention(&input); break;
    case 1: elementwise(&input); break;
    default: products(&input);
    }
    return 0;
}
