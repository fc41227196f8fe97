// Tiles: 16 vectors times the 16 rows of a panel. Included by packed_amx.c.

#ifndef HEADSTEER_PACKED_AMX_TILES_H
#define HEADSTEER_PACKED_AMX_TILES_H

#include "packed_avx512_chunks.h"

enum {
    /// Vectors that a tile holds.
    TILE_VECTORS = 16,
    /// Sums that a tile holds.
    TILE_SUMS = TILE_VECTORS * PANEL_OUTPUTS,
    /// Tiles 0...5 hold sums: of three planes, of two parts each.
    SUM_TILES = 6,
    X_TILE = 6,
    WORDS_TILE = 7,
};

/// What tiles multiply. All is constant.
struct tile_work {
    /// Bytes of a group's x come as 1 or 3 planes, from the rounded vectors themselves, or as 2 pairs of digits.
    int planes, has_digits;
    int parts, has_offsets;
};

/// Tiles of sums for each part.
SPECIALISED int part_tiles(struct tile_work work) { return work.has_digits ? 2 : work.planes; }

SPECIALISED size_t unpacked_code_bytes(struct tile_work work) { return work.has_digits ? 1024 : 512; }

SPECIALISED size_t unpacked_group_bytes(struct tile_work work) {
    return unpacked_code_bytes(work) + 64 * (size_t)work.parts * (size_t)(1 + work.has_offsets);
}

SPECIALISED size_t group_factors(struct tile_work work) {
    return TILE_VECTORS * (size_t)(1 + work.parts * work.has_offsets);
}

/// A chunk of a panel, and up to 16 vectors.
struct tile_operands {
    const uint8_t *chunk;
    size_t count;
    /// The chunk's bytes of the first vector, and how far the next vector's are; pairs of digits lie tile by tile.
    const int8_t *x;
    size_t x_stride;
    const float *factors;
    size_t width;
    int is_first;
    float *y;
    size_t y_stride;
    __mmask16 rows;
};

struct tile_configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/// Tiles for `width` vectors.
SPECIALISED void configure_tiles(int parts, int has_digits, size_t width) {
    const int x_bytes = GROUP_WEIGHTS / parts * (has_digits ? 2 : 1);
    struct tile_configuration configuration = {.palette = 1};
    for (int t = 0; t < SUM_TILES; t++) {
        configuration.row_bytes[t] = 64;
        configuration.rows[t] = (uint8_t)width;
    }
    configuration.row_bytes[X_TILE] = (uint16_t)x_bytes;
    configuration.rows[X_TILE] = (uint8_t)width;
    configuration.row_bytes[WORDS_TILE] = 64;
    configuration.rows[WORDS_TILE] = (uint8_t)(x_bytes / 4);
    _tile_loadconfig(&configuration);
}

// The numbers of tiles are part of the instructions.
#define FOR_EACH_SUM_TILE(CASE) CASE(0) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5)

SPECIALISED void store_tile(int tile, int32_t *sums) {
    switch (tile) {
#define CASE(T)                                                                                                       \
    case T: _tile_stored(T, sums + T * TILE_SUMS, 64); return;
        FOR_EACH_SUM_TILE(CASE)
#undef CASE
    default: __builtin_unreachable();
    }
}

/// Codes are unsigned, or signed as x is.
SPECIALISED void multiply_tile(int is_unsigned, int tile) {
    switch (tile) {
#define CASE(T)                                                                                                       \
    case T:                                                                                                           \
        _tile_zero(T);                                                                                                \
        if (is_unsigned) _tile_dpbsud(T, X_TILE, WORDS_TILE);                                                         \
        else _tile_dpbssd(T, X_TILE, WORDS_TILE);                                                                     \
        return;
        FOR_EACH_SUM_TILE(CASE)
#undef CASE
    default: __builtin_unreachable();
    }
}

// MARK: - Steps

/// A group's work is cut into steps, so that they can be spread among instructions of other kinds.
SPECIALISED int step_count(struct tile_work work) { return work.parts * (1 + 3 * part_tiles(work)); }

/// Step `step` stores sums of the group `next`, or loads and multiplies for the group after it.
SPECIALISED void take_step(
    struct tile_work work, const struct tile_operands *o, int step, size_t next, int has_next, int has_next_but_one,
    int32_t *sums) {
    const int part = step / (1 + 3 * part_tiles(work)), place = step % (1 + 3 * part_tiles(work)) - 1;
    const size_t g = next + 1;
    if (place < 0) {
        if (!has_next_but_one) return;
        const size_t offset = g * unpacked_group_bytes(work) + unpacked_code_bytes(work) / (size_t)work.parts * (size_t)part;
        _tile_loadd(WORDS_TILE, o->chunk + offset, 64);
        return;
    }
    const int t = place / 3, tile = part * part_tiles(work) + t;
    switch (place % 3) {
    case 0:
        if (has_next_but_one) {
            const int8_t *x = work.has_digits
                                  ? o->x + (2 * g + (size_t)t) * 1024
                                  : o->x + (g * (size_t)work.planes + (size_t)t) * GROUP_WEIGHTS
                                        + (size_t)(GROUP_WEIGHTS / work.parts * part);
            _tile_loadd(X_TILE, x, o->x_stride);
        }
        return;
    case 1:
        if (has_next) store_tile(tile, sums);
        return;
    default:
        // Codes of two pairs of digits without a zero point go up to 16 * 15.
        if (has_next_but_one) multiply_tile(work.has_digits && work.has_offsets, tile);
    }
}

#endif
