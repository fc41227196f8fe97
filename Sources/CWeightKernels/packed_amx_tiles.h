// Tiles: 16 vectors times the 16 rows of a panel. Included by packed_amx.c.

#ifndef HEADSTEER_PACKED_AMX_TILES_H
#define HEADSTEER_PACKED_AMX_TILES_H

#include "packed_avx512_chunks.h"

enum {
    /// Vectors that a tile holds.
    TILE_VECTORS = 16,
    /// Tiles 0...2 hold sums, 3...5 the bytes of x that belong to them.
    X_TILE = 3,
    WORDS_TILE = 6,
};

/// The sums of a part, in rows of a vector each, and room before them.
struct tile_sums {
    uint8_t room[64];
    int32_t sums[HIGHEST_PLANES][TILE_VECTORS][PANEL_OUTPUTS];
} __attribute__((aligned(64)));

/// What tiles multiply. All is constant.
struct tile_work {
    /// The bytes of x are 1 or 3 planes, from the rounded vectors themselves, or two pairs of digits.
    int planes, has_digits;
    int has_offsets;
};

/// Tiles of sums for a part.
SPECIALISED int part_tiles(struct tile_work work) { return work.has_digits ? 2 : work.planes; }

/// A chunk of a panel, and blocks of 16 vectors; a single block may have fewer.
struct tile_operands {
    /// Parts of groups, `count` in all, and 1 or 2 in a group.
    const uint8_t *chunk;
    size_t count, parts;
    /// The chunk's bytes of the first vector, and how far the next vector's are, and the next block's. Pairs of digits lie tile by
    /// tile.
    const int8_t *x;
    size_t x_stride, x_block_stride, blocks;
    /// The factors of a block follow those of the block before.
    const float *factors;
    size_t width;
    int is_first;
    float *y;
    size_t y_stride;
    __mmask16 rows;
};

/// The part that is loaded next.
struct tile_cursor {
    const int8_t *x;
    size_t part;
};

SPECIALISED size_t part_bytes(struct tile_work work, size_t parts) {
    return unpacked_part_bytes(work.has_digits ? UNPACKED_TWICE : UNPACKED_SIGNED, (int)parts, work.has_offsets);
}

struct tile_configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/// Tiles for `width` vectors.
SPECIALISED void configure_tiles(int parts, int has_digits, size_t width) {
    const int x_bytes = GROUP_WEIGHTS / parts * (has_digits ? 2 : 1);
    struct tile_configuration configuration = {.palette = 1};
    for (int t = 0; t < HIGHEST_PLANES; t++) {
        configuration.row_bytes[t] = 64;
        configuration.rows[t] = (uint8_t)width;
        configuration.row_bytes[X_TILE + t] = (uint16_t)x_bytes;
        configuration.rows[X_TILE + t] = (uint8_t)width;
    }
    configuration.row_bytes[WORDS_TILE] = 64;
    configuration.rows[WORDS_TILE] = (uint8_t)(x_bytes / 4);
    _tile_loadconfig(&configuration);
}

// The numbers of tiles are part of the instructions.
#define FOR_EACH_SUM_TILE(CASE) CASE(0) CASE(1) CASE(2)

SPECIALISED void store_tile(int tile, struct tile_sums *part) {
    switch (tile) {
#define CASE(T)                                                                                                       \
    case T: _tile_stored(T, part->sums[T], 64); return;
        FOR_EACH_SUM_TILE(CASE)
#undef CASE
    default: __builtin_unreachable();
    }
}

SPECIALISED void load_x_tile(int tile, const int8_t *x, size_t stride) {
    switch (tile) {
#define CASE(T)                                                                                                       \
    case T: _tile_loadd(X_TILE + T, x, stride); return;
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
        if (is_unsigned) _tile_dpbsud(T, X_TILE + T, WORDS_TILE);                                                     \
        else _tile_dpbssd(T, X_TILE + T, WORDS_TILE);                                                                 \
        return;
        FOR_EACH_SUM_TILE(CASE)
#undef CASE
    default: __builtin_unreachable();
    }
}

// MARK: - Steps

/// Tiles work on three parts at once, so that none waits for another: they store the sums of one, multiply the next one, and load
/// the one after it. This is cut into steps, which can be spread among instructions of other kinds.
SPECIALISED int step_count(struct tile_work work) { return 1 + 3 * part_tiles(work); }

SPECIALISED void take_step(
    struct tile_work work, const struct tile_operands *o, int step, int stores, int multiplies, int loads,
    struct tile_cursor *cursor, struct tile_sums *sums) {
    const int tile = step / 3;
    if (tile == part_tiles(work)) {
        if (!loads) return;
        _tile_loadd(WORDS_TILE, o->chunk + cursor->part * part_bytes(work, o->parts), 64);
        if (++cursor->part == o->count) {
            cursor->part = 0;
            cursor->x += o->x_block_stride;
        }
        return;
    }
    switch (step % 3) {
    case 0:
        if (stores) store_tile(tile, sums);
        return;
    case 1:
        // Codes without a zero point go up to 16 * 15 where they stand twice.
        if (multiplies) multiply_tile(work.has_digits && work.has_offsets, tile);
        return;
    default:
        if (!loads) return;
        if (work.has_digits) {
            load_x_tile(tile, cursor->x + (2 * cursor->part + (size_t)tile) * 1024, 64);
        } else {
            const size_t group = cursor->part / o->parts, part = cursor->part % o->parts;
            const size_t place = group * (size_t)work.planes + (size_t)tile;
            load_x_tile(tile, cursor->x + place * GROUP_WEIGHTS + part * GROUP_WEIGHTS / 2, o->x_stride);
        }
    }
}

#endif
