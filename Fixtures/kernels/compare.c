// Compares the kernels of CWeightKernels with those in plain C, bit for bit; see check.sh.
//
// usage: compare [instruction set...]     (all that this processor has, where none is named)

#include "packed.h"

#include "ActivationKernels.h"
#include "AttentionKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/// Places behind a vector's results that nothing may touch.
enum { MARGIN = 3 };

static const int formats[] = {
    HEADSTEER_F32,     HEADSTEER_F16,    HEADSTEER_BF16,  HEADSTEER_Q4_0,    HEADSTEER_Q4_1,  HEADSTEER_Q5_0,
    HEADSTEER_Q5_1,    HEADSTEER_Q8_0,   HEADSTEER_Q2_K,  HEADSTEER_Q3_K,    HEADSTEER_Q4_K,  HEADSTEER_Q5_K,
    HEADSTEER_Q6_K,    HEADSTEER_IQ4_NL, HEADSTEER_IQ4_XS, HEADSTEER_MXFP4,  HEADSTEER_TQ1_0, HEADSTEER_TQ2_0,
    HEADSTEER_IQ2_XXS, HEADSTEER_IQ2_XS, HEADSTEER_IQ2_S, HEADSTEER_IQ3_XXS, HEADSTEER_IQ3_S, HEADSTEER_IQ1_S,
    HEADSTEER_IQ1_M,
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

static const struct headsteer_kernels *plain, *tested;
static size_t results, differences;

// MARK: - Comparing

static int are_equal(float a, float b) { return (a != a && b != b) || memcmp(&a, &b, sizeof a) == 0; }

/// `format` is -1 where there is none.
static void compare_floats(const char *what, int format, size_t n, const float *a, const float *b, size_t count) {
    results += count;
    for (size_t i = 0; i < count; i++) {
        if (are_equal(a[i], b[i])) continue;
        if (differences++ % 100000 < 10) {
            printf("%s: %s, format %d, n %zu, at %zu: %a instead of %a\n", tested->name, what, format, n, i, b[i], a[i]);
        }
    }
}

static void compare_bytes(const char *what, int format, size_t n, const void *a, const void *b, size_t count) {
    results += count;
    if (memcmp(a, b, count) == 0) return;
    if (differences++ % 100000 < 10) printf("%s: %s, format %d, n %zu: bytes differ\n", tested->name, what, format, n);
}

// MARK: - Random numbers

static uint64_t state = 1;

static uint32_t random_bits(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 32);
}

static size_t random_below(size_t bound) { return random_bits() % bound; }

static float random_value(void) { return (float)(int32_t)random_bits() * 0x1p-31f; }

/// Of any size, now and then no finite one.
static float random_float(void) {
    switch (random_below(64)) {
    case 0: return float_from_bits(random_bits());
    case 1: return 0;
    case 2: return random_value() * 1e-38f;
    default: return random_value() * (random_below(8) ? 1 : 100);
    }
}

static void *allocate(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!memory) abort();
    return memory;
}

// MARK: - Packed weights

/// Rows of blocks. `filling` is 0 for random bytes, now and then with scales of any size; 1 and 2 for the highest and the lowest codes
/// everywhere; 3 for random bytes with scales that keep results finite.
static void fill_rows(int format, uint8_t *rows, size_t bytes, int filling) {
    const size_t block = block_size(format).bytes;
    for (size_t i = 0; i < bytes; i++) rows[i] = filling == 1 ? 0xff : filling == 2 ? 0 : (uint8_t)random_bits();
    const int is_any = filling == 0 && random_below(4) == 0;
    for (size_t i = 0; i + block <= bytes && !is_any; i += block) {
        const uint16_t d = (uint16_t)(0x2000 + random_below(0x800)), m = (uint16_t)(0xa000 + random_below(0x800));
        int place = 0, second = -1;
        switch (format) {
        case HEADSTEER_Q4_1:
        case HEADSTEER_Q5_1:
        case HEADSTEER_Q4_K:
        case HEADSTEER_Q5_K: second = 2; break;
        case HEADSTEER_Q6_K: place = 208; break;
        case HEADSTEER_Q3_K: place = 108; break;
        case HEADSTEER_Q2_K: place = 80, second = 82; break;
        case HEADSTEER_TQ1_0: place = 52; break;
        case HEADSTEER_TQ2_0: place = 64; break;
        case HEADSTEER_IQ1_M:
            // Four bits of it each at the top of the last four words of 16 bits.
            for (int word = 0; word < 4; word++) {
                uint8_t *top = rows + i + 49 + 2 * word;
                *top = (uint8_t)((*top & 15) | (d >> (4 * word) & 15) << 4);
            }
            continue;
        case HEADSTEER_MXFP4: rows[i] = (uint8_t)(100 + random_below(10)); continue;
        default: break;
        }
        memcpy(rows + i + place, &d, 2);
        if (second >= 0) memcpy(rows + i + second, &m, 2);
    }
}

/// Codes of the highest magnitude that headsteer_round gives (-128 only below the first plane), and a group's sums as it gives them.
static void fill_extreme(int planes, int8_t *codes, struct headsteer_group *group, int filling) {
    int32_t sums[HIGHEST_PLANES][2] = {{0}};
    for (int i = 0; i < planes * GROUP_WEIGHTS; i++) {
        const int8_t lowest = i < GROUP_WEIGHTS ? -127 : -128;
        codes[i] = filling == 1 || (filling == 2 && random_below(2)) ? lowest : 127;
        sums[i / GROUP_WEIGHTS][i / 16 % 2] += codes[i];
    }
    *group = (struct headsteer_group){.scale = 0x1p-20f};
    for (int half = 0; half < 2; half++) {
        const int32_t high = planes == 3 ? 256 * sums[0][half] + sums[1][half] : 0, low = sums[planes - 1][half];
        group->half_minus_high[half] = -high;
        group->half_minus_low[half] = -low;
        group->half_sums[half] = group->scale * (float)(256 * high + low);
        group->minus_high -= high;
        group->minus_low -= low;
    }
    group->sum = group->scale * (float)-(256 * group->minus_high + group->minus_low);
}

/// What a product of packed weights is compared in.
struct panels_case {
    int format, planes;
    size_t n, rows, vectors;
    /// 0 for random weights and vectors; 1 and 2 for extreme ones.
    int filling;
};

/// The products of some vectors with some rows: those that come out of `expected`, and nothing behind the rows.
static void compare_some(
    struct panels_case c, const uint8_t *panels, struct headsteer_rounded x, size_t first, size_t vectors, size_t rows,
    const float *expected, float *y, void *scratch) {
    const size_t stride = rows + MARGIN;
    const float margin[MARGIN] = {12345, 12345, 12345};
    const struct packed_vector vector = packed_vector(x, c.n, first);
    for (size_t i = 0; i < vectors * stride; i++) y[i] = 12345;
    tested->panels_dot(
        c.format, panels, rows, c.n, (struct headsteer_rounded){vector.codes, vector.groups, c.planes}, vectors, y,
        stride, scratch);
    for (size_t b = 0; b < vectors; b++) {
        compare_floats("panels_dot", c.format, c.n, expected + (first + b) * c.rows, y + b * stride, rows);
        compare_floats("panels_dot, behind the rows", c.format, c.n, margin, y + b * stride + rows, MARGIN);
    }
}

static void compare_panels(struct panels_case c) {
    const size_t panel_bytes = headsteer_panel_bytes(c.format, c.n), groups = c.n / GROUP_WEIGHTS;
    const struct block_size block = block_size(c.format);
    const size_t row_bytes = groups / block.groups * block.bytes, planes = (size_t)c.planes;
    uint8_t *rows = allocate(c.rows * row_bytes), *panels = allocate((c.rows + 15) / 16 * panel_bytes);
    fill_rows(c.format, rows, c.rows * row_bytes, c.filling);
    for (size_t r = 0; r < c.rows; r += 16) {
        headsteer_pack(
            c.format, rows + r * row_bytes, row_bytes, c.rows - r < 16 ? c.rows - r : 16, c.n,
            panels + r / 16 * panel_bytes);
    }
    int8_t *codes = allocate(c.vectors * c.n * planes);
    struct headsteer_group *x_groups = allocate(c.vectors * groups * sizeof *x_groups);
    float *x = allocate(c.n * sizeof *x);
    for (size_t b = 0; b < c.vectors; b++) {
        for (size_t i = 0; i < c.n; i++) x[i] = random_value();
        if (b == 1) x[c.n / 2] = 1e30f;
        if (b == 2) x[c.n / 2] = __builtin_nanf("");
        plain->round(x, c.n, c.planes, codes + b * c.n * planes, x_groups + b * groups);
        for (size_t g = 0; g < groups && c.filling > 0; g++) {
            fill_extreme(
                c.planes, codes + (b * c.n + g * GROUP_WEIGHTS) * planes, x_groups + b * groups + g, c.filling);
        }
    }
    const struct headsteer_rounded rounded = {codes, x_groups, c.planes};
    float *expected = allocate(c.vectors * c.rows * sizeof *expected);
    float *y = allocate(c.vectors * (c.rows + MARGIN) * sizeof *y);
    void *scratch = allocate(headsteer_panels_scratch(c.n));
    plain->panels_dot(c.format, panels, c.rows, c.n, rounded, c.vectors, expected, c.rows, NULL);
    compare_some(c, panels, rounded, 0, c.vectors, c.rows, expected, y, scratch);
    // Up to 19 vectors, so that every size of what a kernel takes at once is met, with a random number of rows.
    for (size_t vectors = 1; vectors <= 19 && vectors <= c.vectors; vectors++) {
        compare_some(
            c, panels, rounded, random_below(c.vectors - vectors + 1), vectors, 1 + random_below(c.rows), expected, y,
            scratch);
    }
    free(rows), free(panels), free(codes), free(x_groups), free(x), free(expected), free(y), free(scratch);
}

static void compare_packed_products(void) {
    for (int f = 0; f < FORMATS; f++) {
        const size_t groups = block_size(formats[f]).groups;
        if (headsteer_panel_bytes(formats[f], groups * GROUP_WEIGHTS) == 0) continue;
        for (int planes = 1; planes <= 3; planes += 2) {
            struct panels_case c = {.format = formats[f], .planes = planes, .rows = 70, .vectors = 19};
            // One group or block, some, and more than kernels for many vectors take at once.
            const size_t sizes[] = {groups, 5 * groups, groups == 1 ? 37 : 40};
            for (int size = 0; size < 3; size++) {
                for (c.filling = 0; c.filling < 3; c.filling++) c.n = sizes[size] * GROUP_WEIGHTS, compare_panels(c);
            }
            // More vectors than these kernels take at once.
            compare_panels(
                (struct panels_case){.format = formats[f], .planes = planes, .n = 1280, .rows = 35, .vectors = 275});
        }
    }
}

// MARK: - Everything else

static void compare_rounding(void) {
    enum { N = 96, GROUPS = N / GROUP_WEIGHTS };
    for (int trial = 0; trial < 4000; trial++) {
        const int planes = trial % 2 ? 1 : 3;
        float x[N];
        for (int i = 0; i < N; i++) x[i] = trial % 3 ? random_value() : random_float();
        // Halves between two numbers; and everything from the smallest to the largest.
        if (trial % 5 == 1) {
            for (int i = 0; i < N; i++) x[i] = (float)random_below(255) - 127 + 0.5f * (float)random_below(2);
        }
        const float factor = float_from_bits((uint32_t)random_below(255) << 23);
        for (int i = 0; i < N && trial % 7 == 1; i++) x[i] *= factor;
        int8_t codes[2][N * HIGHEST_PLANES] = {{0}};
        struct headsteer_group groups[2][GROUPS];
        plain->round(x, N, planes, codes[0], groups[0]);
        tested->round(x, N, planes, codes[1], groups[1]);
        compare_bytes("round", -1, N, codes[0], codes[1], sizeof codes[0]);
        for (int g = 0; g < GROUPS; g++) {
            const struct headsteer_group *a = &groups[0][g], *b = &groups[1][g];
            compare_floats("round, scale", -1, N, &a->scale, &b->scale, 1);
            compare_floats("round, sum", -1, N, &a->sum, &b->sum, 1);
            compare_floats("round, half sums", -1, N, a->half_sums, b->half_sums, 2);
            compare_bytes("round, whole sums", -1, N, &a->minus_high, &b->minus_high, 6 * sizeof(int32_t));
        }
    }
}

static void compare_elementwise(void) {
    enum { MOST = 100 };
    for (int trial = 0; trial < 1000; trial++) {
        const size_t n = 1 + random_below(MOST);
        float x[MOST], a[MOST], b[MOST];
        uint16_t a_halves[MOST], b_halves[MOST];
        for (size_t i = 0; i < n; i++) x[i] = a[i] = b[i] = random_float();
        plain->pack_half(x, n, a_halves);
        tested->pack_half(x, n, b_halves);
        compare_bytes("pack_half", -1, n, a_halves, b_halves, n * sizeof(uint16_t));
        plain->logistic(a, n);
        tested->logistic(b, n);
        compare_floats("logistic", -1, n, a, b, n);
        for (size_t i = 0; i < n; i++) a[i] = b[i] = 10 * random_value();
        plain->softmax(a, n, 0.5f);
        tested->softmax(b, n, 0.5f);
        compare_floats("softmax", -1, n, a, b, n);
    }
}

/// Where there are such of the instruction set: one text compiled for each.
static void compare_activations(void) {
    enum { MOST = 100 };
    const struct headsteer_activation_kernels *first = headsteer_activation_kernels("plain"),
                                              *second = headsteer_activation_kernels(tested->name);
    if (!second) return;
    for (int trial = 0; trial < 1000; trial++) {
        const size_t n = 1 + random_below(MOST);
        float x[MOST], u[MOST], w[MOST], a[MOST], b[MOST];
        for (size_t i = 0; i < n; i++) x[i] = random_float(), u[i] = random_float(), w[i] = random_value();
        for (int kind = HEADSTEER_SILU; kind <= HEADSTEER_RELU_SQUARED; kind++) {
            first->activate(kind, x, trial % 2 ? u : NULL, a, n);
            second->activate(kind, x, trial % 2 ? u : NULL, b, n);
            compare_floats("activate", -1, n, a, b, n);
        }
        first->limited_gate(x, u, 7, 1.702f, a, n);
        second->limited_gate(x, u, 7, 1.702f, b, n);
        compare_floats("limited_gate", -1, n, a, b, n);
        for (size_t i = 0; i < n; i++) a[i] = b[i] = x[i];
        first->soft_cap(a, 30, n);
        second->soft_cap(b, 30, n);
        compare_floats("soft_cap", -1, n, a, b, n);
        for (size_t i = 0; i < n; i++) x[i] = 5 + random_value();
        first->layer_norm(x, w, u, 1e-5f, a, n);
        second->layer_norm(x, w, u, 1e-5f, b, n);
        compare_floats("layer_norm", -1, n, a, b, n);
    }
}

static void compare_unpacking(void) {
    for (int f = 0; f < FORMATS; f++) {
        const struct block_size block = block_size(formats[f]);
        enum { BLOCKS = 5 };
        const size_t n = BLOCKS * block.groups * GROUP_WEIGHTS;
        uint8_t *row = allocate(BLOCKS * block.bytes);
        float *a = allocate(n * sizeof *a), *b = allocate(n * sizeof *b);
        for (int trial = 0; trial < 20; trial++) {
            for (size_t i = 0; i < BLOCKS * block.bytes; i++) row[i] = (uint8_t)random_bits();
            plain->unpack(formats[f], row, a, n);
            tested->unpack(formats[f], row, b, n);
            compare_floats("unpack", formats[f], n, a, b, n);
        }
        free(row), free(a), free(b);
    }
}

/// Weights of F32, F16 and BF16 between 1 and 2.
static void fill_finite_rows(int format, uint8_t *rows, size_t bytes) {
    fill_rows(format, rows, bytes, 3);
    for (size_t i = 0; i < bytes && format == HEADSTEER_F32; i += 4) rows[i + 2] |= 0x80, rows[i + 3] = 0x3f;
    for (size_t i = 0; i < bytes && format == HEADSTEER_F16; i += 2) rows[i + 1] = 0x3c | (rows[i + 1] & 3);
    for (size_t i = 0; i < bytes && format == HEADSTEER_BF16; i += 2) rows[i] |= 0x80, rows[i + 1] = 0x3f;
}

/// Products in float32 have an order of their own with each instruction set: only about the same results, and the same bits for a
/// vector alone and in a batch.
static void compare_float_products(void) {
    enum { COUNT = 9, VECTORS = 40 };
    for (int f = 0; f < FORMATS; f++) {
        const struct block_size block = block_size(formats[f]);
        const size_t n = 3 * block.groups * GROUP_WEIGHTS, row_bytes = 3 * block.bytes;
        uint8_t *rows = allocate(COUNT * row_bytes);
        float *x = allocate(VECTORS * n * sizeof *x), *scratch = allocate(headsteer_scratch(n) * sizeof *scratch);
        fill_finite_rows(formats[f], rows, COUNT * row_bytes);
        for (size_t i = 0; i < VECTORS * n; i++) x[i] = random_value();
        float a[VECTORS][COUNT], b[VECTORS][COUNT], alone[COUNT];
        plain->rows_dot_batch(formats[f], rows, row_bytes, COUNT, n, x, n, VECTORS, a[0], COUNT, scratch);
        tested->rows_dot_batch(formats[f], rows, row_bytes, COUNT, n, x, n, VECTORS, b[0], COUNT, scratch);
        for (int v = 0; v < VECTORS; v++) {
            tested->rows_dot_batch(formats[f], rows, row_bytes, COUNT, n, x + (size_t)v * n, n, 1, alone, COUNT, NULL);
            compare_floats("rows_dot, alone and in a batch", formats[f], n, alone, b[v], COUNT);
            for (int r = 0; r < COUNT; r++) {
                const float most = 1e-3f * (__builtin_fabsf(a[v][r]) + 1);
                const float is_near = __builtin_fabsf(a[v][r] - b[v][r]) <= most ? 1 : 0, yes = 1;
                compare_floats("rows_dot, about the same", formats[f], n, &yes, &is_near, 1);
            }
        }
        free(rows), free(x), free(scratch);
    }
}

// MARK: - Attention

/// z of rows of one kv head over one chunk, by some kernels.
static void attend(
    const struct headsteer_attention_kernels *kernels, int format, size_t head_size, size_t rows, const float *keys,
    const float *values, const float *queries, const int32_t *to, float *z) {
    const size_t words = headsteer_attention_words(format, head_size), columns = headsteer_attention_columns(head_size);
    struct headsteer_keys_values memory = {
        allocate(HEADSTEER_CHUNK * words * 4), allocate(HEADSTEER_CHUNK * columns * 4), allocate(HEADSTEER_CHUNK * 4),
        allocate(HEADSTEER_CHUNK * 4),
    };
    memset(memory.values, 0, HEADSTEER_CHUNK * columns * 4);
    for (size_t p = 0; p < HEADSTEER_CHUNK; p++) {
        kernels->store(format, head_size, &memory, p, keys + p * head_size, values + p * head_size);
    }
    uint32_t *packed = allocate(rows * words * 4);
    float *scales = allocate(rows * 4), *results = allocate(rows * columns * 4), *largest = allocate(rows * 4);
    float *sums = allocate(rows * 4), *scratch = allocate(headsteer_attention_scratch(rows) * 4);
    int32_t *from = allocate(rows * 4);
    for (size_t r = 0; r < rows; r++) from[r] = to[r] / 3;
    kernels->queries(format, head_size, queries, head_size, rows, packed, scales);
    headsteer_attention_begin(rows, columns, results, largest, sums);
    kernels->compute(&(struct headsteer_attention_part){
        .format = format, .head_size = head_size, .scale = 0.2f, .chunk = memory, .rows = rows, .queries = packed,
        .query_scales = scales, .from = from, .to = to, .scratch = scratch, .z = results, .largest = largest,
        .sums = sums});
    kernels->finish(rows, head_size, results, largest, sums, NULL, 1, z, head_size);
    free(memory.keys), free(memory.values), free(memory.key_scales), free(memory.value_scales), free(packed);
    free(scales), free(results), free(largest), free(sums), free(scratch), free(from);
}

/// Sums of floats are fused with some instruction sets and not with others: about the same results, and the same bits for a row
/// alone and among others.
static void compare_attention(void) {
    enum { MOST_ROWS = 19, MOST_SIZE = 128 };
    static float keys[HEADSTEER_CHUNK * MOST_SIZE], values[HEADSTEER_CHUNK * MOST_SIZE], queries[MOST_ROWS * MOST_SIZE];
    static float a[MOST_ROWS * MOST_SIZE], b[MOST_ROWS * MOST_SIZE], alone[MOST_SIZE];
    static const size_t head_sizes[] = {64, 80, 128, 20};
    const struct headsteer_attention_kernels *first = headsteer_attention_kernels("portable"),
                                             *second = headsteer_attention_kernels(tested->name);
    if (!second) return;
    for (size_t i = 0; i < HEADSTEER_CHUNK * MOST_SIZE; i++) keys[i] = random_value(), values[i] = random_value();
    for (size_t i = 0; i < MOST_ROWS * MOST_SIZE; i++) queries[i] = 3 * random_value();
    for (int trial = 0; trial < 200; trial++) {
        const int format = trial % 2;
        const size_t n = head_sizes[trial / 2 % 4], rows = 1 + random_below(MOST_ROWS);
        int32_t to[MOST_ROWS];
        for (size_t r = 0; r < rows; r++) to[r] = 1 + (int32_t)random_below(HEADSTEER_CHUNK);
        attend(first, format, n, rows, keys, values, queries, to, a);
        attend(second, format, n, rows, keys, values, queries, to, b);
        for (size_t i = 0; i < rows * n; i++) {
            // A mixture of values below 1; as integers, their codes have 15 bits.
            const float is_near = fabsf(a[i] - b[i]) <= 1e-4f ? 1 : 0, yes = 1;
            compare_floats("attention, about the same", format, n, &yes, &is_near, 1);
        }
        const size_t row = random_below(rows);
        attend(second, format, n, 1, keys, values, queries + row * n, to + row, alone);
        compare_floats("attention, alone and among others", format, n, alone, b + row * n, n);
    }
}

int main(int count, char **names) {
    static const char *const all[] = {
        "", "avx2", "avxvnni", "avx512", "avx512vnni", "amx", "neon", "neondot", "neoni8mm",
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    plain = headsteer_kernels("portable");
    const int is_named = count > 1, last = is_named ? count : (int)(sizeof all / sizeof all[0]);
    for (int i = 1; i < last; i++) {
        const char *name = is_named ? names[i] : all[i];
        tested = headsteer_kernels(name);
        if (!tested) {
            if (is_named) printf("%s: not on this processor\n", name), differences++;
            continue;
        }
        results = 0;
        const size_t before = differences;
        compare_unpacking();
        compare_rounding();
        compare_elementwise();
        compare_activations();
        compare_packed_products();
        compare_float_products();
        compare_attention();
        printf("%s: %zu results, %zu differ\n", name, results, differences - before);
    }
    printf("the best here: %s\n", headsteer_instruction_set());
    return differences > 0;
}
