// Attention over the keys and values of one key-value head, in chunks of positions.
//
// For each query (a row) and each chunk there is a part: the sum of the values, each times e^(score - largest score of the
// chunk), with that largest score and the sum of the exponentials (Milakov & Gimelshein 2018, arXiv 1805.02867; Dao et al.
// 2022, arXiv 2205.14135). Parts are merged in the order of the chunks. A part depends on the row's own query and on the
// positions that it sees alone, so the bits of the result don't depend on which rows go together or who computes which part.
//
// Keys and values are floats, or integers of 16 bits with a scale for each position:
// - floats: a product's sum runs over the head's values, a mixture's over the positions, each in their order, in one
//   fused partial sum (the instruction set "portable" rounds products first);
// - integers: a key's codes have a Euclidean norm of 32767 and so has a query, so that the sum of their products is exact in 32
//   bits; a value's largest code is 32767, and a chunk's weights become codes whose sum is 32767. The bits are the same with
//   every instruction set that fuses, as exponentials are.

#ifndef HEADSTEER_ATTENTION_KERNELS_H
#define HEADSTEER_ATTENTION_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The positions of a chunk.
#define HEADSTEER_CHUNK 128

/// Positions that lie side by side in memory: room for keys and values is always a multiple of it.
#define HEADSTEER_LANES 64

enum headsteer_attention_format {
    HEADSTEER_ATTENTION_FLOATS = 0,
    HEADSTEER_ATTENTION_INTEGERS = 1,
};

/// The 32-bit words of a query or a key: the number of its values, or half of it, rounded up.
size_t headsteer_attention_words(int format, size_t head_size);

/// The 32-bit words that the values of one position (of two positions, as integers) and a row's results take: the head's size
/// rounded up to a multiple of 16.
size_t headsteer_attention_columns(size_t head_size);

/// Where keys and values of one key-value head lie, from a position on that is a multiple of HEADSTEER_LANES.
struct headsteer_keys_values {
    /// [positions / 64][words][64]: lane l of a word is the word of position l.
    uint32_t *keys;
    /// [positions][columns] floats, or [positions / 2][columns] pairs of integers: of each 32
    /// positions, i and i + 16 are a pair, i in the low half.
    uint32_t *values;
    /// [positions], for integers.
    float *key_scales;
    float *value_scales;
};

/// Writes the key and the value, `head_size` floats each, of one position.
void headsteer_attention_store(
    int format, size_t head_size, const struct headsteer_keys_values *target, size_t position, const float *key,
    const float *value);

/// Makes `rows` queries out of floats, rows `stride` apart.
///
/// @param words [rows][words]
/// @param scales [rows], for integers.
void headsteer_attention_queries(
    int format, size_t head_size, const float *queries, size_t stride, size_t rows, uint32_t *words, float *scales);

/// What is to be computed for some rows of one chunk.
struct headsteer_attention_part {
    int format;
    size_t head_size;
    /// What products become scores by.
    float scale;
    /// c: scores become c tanh(score / c); 0 for none.
    float soft_cap;

    /// From the chunk's first position on.
    struct headsteer_keys_values chunk;
    size_t rows;
    /// [rows][words]
    const uint32_t *queries;
    const float *query_scales;
    /// The positions that a row sees, from ..< to, counted from the chunk's first. [rows]
    const int32_t *from;
    const int32_t *to;

    /// Null, or keys and values of up to 16 positions of which each stands for the position `to` of `rows_of_own` rows, that
    /// these see besides; `to` is then the same for all rows and less than HEADSTEER_CHUNK.
    const struct headsteer_keys_values *own;
    size_t rows_of_own;

    /// Null, or where a row's scores are written to: [rows] addresses, to which the position is added.
    float *const *scores;

    /// Room for headsteer_attention_scratch(rows) floats, at a multiple of 64 bytes.
    float *scratch;

    /// [rows][columns]
    float *z;
    /// [rows]; for a row that sees nothing in this chunk no finite score is as small.
    float *largest;
    /// [rows]
    float *sums;
};

/// The floats of scratch memory that a part takes.
size_t headsteer_attention_scratch(size_t rows);

void headsteer_attention_compute(const struct headsteer_attention_part *part);

/// Makes results of rows that have seen nothing.
void headsteer_attention_begin(size_t rows, size_t columns, float *z, float *largest, float *sums);

/// Adds the next chunk's part to results.
void headsteer_attention_merge(
    size_t rows, size_t columns, float *z, float *largest, float *sums, const float *part_z,
    const float *part_largest, const float *part_sums);

/// Divides by the sums: head_size values of each row, to z + (row / group) * stride + row % group * head_size.
///
/// @param sinks Null, or for each row of a group a score that has no value (Xiao et al. 2023, arXiv 2309.17453); it is
///   counted in `largest` and `sums`.
void headsteer_attention_finish(
    size_t rows, size_t head_size, const float *results, float *largest, float *sums, const float *sinks,
    size_t group, float *z, size_t stride);

/// Scores become weights in place: e^(score - largest) / sum.
void headsteer_attention_weights(float *scores, size_t n, float largest, float sum);

/// The functions above for one instruction set.
struct headsteer_attention_kernels {
    const char *name;
    void (*store)(
        int format, size_t head_size, const struct headsteer_keys_values *target, size_t position, const float *key,
        const float *value);
    void (*queries)(
        int format, size_t head_size, const float *queries, size_t stride, size_t rows, uint32_t *words,
        float *scales);
    void (*compute)(const struct headsteer_attention_part *part);
    void (*merge)(
        size_t rows, size_t columns, float *z, float *largest, float *sums, const float *part_z,
        const float *part_largest, const float *part_sums);
    void (*finish)(
        size_t rows, size_t head_size, const float *results, float *largest, float *sums, const float *sinks,
        size_t group, float *z, size_t stride);
    void (*weights)(float *scores, size_t n, float largest, float sum);
};

/// The attention kernels of the instruction set `name`, or null where this processor or build doesn't have it.
const struct headsteer_attention_kernels *headsteer_attention_kernels(const char *name);

#ifdef __cplusplus
}
#endif

#endif
