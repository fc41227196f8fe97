// Packing rows of ggml's block formats into panels, in plain C; see packed.h for the layout. It moves words of four bytes, so it
// costs little more than copying.

#include "packed.h"

/// Where one row's share of a group's codes goes: word j of a vector is 64 bytes after the one before it.
SPECIALISED void store_word(uint8_t *lane, int vector, uint32_t word) {
    memcpy(lane + 64 * vector, &word, sizeof word);
}

/// Nibbles that lie as the packed layout has them: byte i is column i (low) and column 16 + i (high).
SPECIALISED void pack_plain_nibbles(const uint8_t *q, uint8_t *lane) {
    for (int j = 0; j < 4; j++) store_word(lane, j, load_u32(q + 4 * j));
}

/// The low or the high nibbles of 32 bytes.
SPECIALISED void pack_split_nibbles(const uint8_t *q, int shift, uint8_t *lane) {
    for (int j = 0; j < 4; j++) {
        const uint32_t first = load_u32(q + 4 * j) >> shift & 0x0f0f0f0f;
        const uint32_t second = load_u32(q + 16 + 4 * j) >> shift & 0x0f0f0f0f;
        store_word(lane, j, first | second << 4);
    }
}

/// 32 bits, bit i for column i: every fourth one goes into the same byte.
SPECIALISED void pack_word_of_bits(uint32_t bits, uint8_t *lane) {
    uint32_t packed = 0;
    for (int b = 0; b < 4; b++) {
        uint32_t y = bits >> b & 0x11111111;
        y = (y | y >> 3) & 0x03030303;
        y = (y | y >> 6) & 0x000f000f;
        y = (y | y >> 12) & 0xff;
        packed |= y << (8 * b);
    }
    store_word(lane, 0, packed);
}

/// Bit `place` of each of 32 bytes.
SPECIALISED void pack_bits(const uint8_t *bytes, int place, uint8_t *lane) {
    uint32_t packed = 0;
    for (int j = 0; j < GROUP_WORDS; j++) packed |= (load_u32(bytes + 4 * j) >> place & 0x01010101) << j;
    store_word(lane, 0, packed);
}

/// Two bits from bit `place` of each of 32 bytes.
SPECIALISED void pack_pairs(const uint8_t *bytes, int place, uint8_t *lane) {
    for (int v = 0; v < 2; v++) {
        uint32_t packed = 0;
        for (int t = 0; t < 4; t++) {
            packed |= (load_u32(bytes + 16 * v + 4 * t) >> place & 0x03030303) << (2 * t);
        }
        store_word(lane, v, packed);
    }
}

/// The codes of group `g` of a block.
SPECIALISED void pack_codes(int format, const uint8_t *block, int g, uint8_t *lane) {
    switch (format) {
    case HEADSTEER_Q4_0:
    case HEADSTEER_IQ4_NL: pack_plain_nibbles(block + 2, lane); return;
    case HEADSTEER_Q4_1: pack_plain_nibbles(block + 4, lane); return;
    case HEADSTEER_MXFP4: pack_plain_nibbles(block + 1, lane); return;
    case HEADSTEER_IQ4_XS: pack_plain_nibbles(block + 8 + 16 * g, lane); return;
    case HEADSTEER_Q5_0:
        pack_plain_nibbles(block + 6, lane);
        pack_word_of_bits(load_u32(block + 2), lane + 256);
        return;
    case HEADSTEER_Q5_1:
        pack_plain_nibbles(block + 8, lane);
        pack_word_of_bits(load_u32(block + 4), lane + 256);
        return;
    case HEADSTEER_Q8_0:
        for (int j = 0; j < GROUP_WORDS; j++) store_word(lane, j, load_u32(block + 2 + 4 * j) ^ 0x80808080);
        return;
    case HEADSTEER_Q4_K: pack_split_nibbles(block + 16 + g / 2 * 32, g % 2 * 4, lane); return;
    case HEADSTEER_Q5_K:
        pack_split_nibbles(block + 48 + g / 2 * 32, g % 2 * 4, lane);
        pack_bits(block + 16, g, lane + 256);
        return;
    case HEADSTEER_Q6_K: {
        const int half = g / 4, k = g % 4;
        pack_split_nibbles(block + half * 64 + k % 2 * 32, k / 2 * 4, lane);
        pack_pairs(block + 128 + half * 32, 2 * k, lane + 256);
        return;
    }
    case HEADSTEER_Q3_K:
        pack_pairs(block + 32 + g / 4 * 32, g % 4 * 2, lane);
        pack_bits(block, g, lane + 128);
        return;
    case HEADSTEER_Q2_K: pack_pairs(block + 16 + g / 4 * 32, g % 4 * 2, lane); return;
    default: __builtin_unreachable();
    }
}

SPECIALISED void store_half(uint8_t *target, int place, const uint8_t *half) { memcpy(target + 2 * place, half, 2); }

/// `q3_k_scale` of scales 8 * half to 8 * half + 7, a byte each.
SPECIALISED uint64_t eight_q3_k_scales(const uint8_t *bytes, int half) {
    const uint64_t low = load_u64(bytes) >> (4 * half) & 0x0f0f0f0f0f0f0f0f;
    const uint32_t pairs = load_u32(bytes + 8) >> (4 * half);
    const uint64_t high = (pairs & 0x03030303) | (uint64_t)(pairs >> 2 & 0x03030303) << 32;
    // Less 32: bit 5, upside down, is the sign.
    const uint64_t number = (low | high << 4) ^ 0x2020202020202020, sign = number & 0x2020202020202020;
    return number | sign << 1 | sign << 2;
}

/// The scales of a block, of row `r`.
SPECIALISED void pack_scales(int format, const uint8_t *block, int r, uint8_t *scales) {
    uint8_t *groups = scales + packed_format(format).header_bytes + r;
    switch (format) {
    case HEADSTEER_Q4_0:
    case HEADSTEER_Q5_0:
    case HEADSTEER_Q8_0:
    case HEADSTEER_IQ4_NL: store_half(scales, r, block); return;
    case HEADSTEER_Q4_1:
    case HEADSTEER_Q5_1:
        store_half(scales, r, block);
        store_half(scales, 16 + r, block + 2);
        return;
    case HEADSTEER_MXFP4: scales[r] = block[0]; return;
    case HEADSTEER_Q4_K:
    case HEADSTEER_Q5_K: {
        const struct six_bit_scales s = six_bit_scales(block + 4);
        store_half(scales, r, block);
        store_half(scales, 16 + r, block + 2);
        for (int g = 0; g < 8; g++) {
            groups[32 * g] = (uint8_t)(s.scales >> (8 * g));
            groups[32 * g + 16] = (uint8_t)(s.minima >> (8 * g));
        }
        return;
    }
    case HEADSTEER_Q6_K:
        store_half(scales, r, block + 208);
        for (int s = 0; s < 16; s++) groups[16 * s] = block[192 + s];
        return;
    case HEADSTEER_Q3_K:
        store_half(scales, r, block + 108);
        for (int half = 0; half < 2; half++) {
            const uint64_t eight = eight_q3_k_scales(block + 96, half);
            for (int s = 0; s < 8; s++) groups[128 * half + 16 * s] = (uint8_t)(eight >> (8 * s));
        }
        return;
    case HEADSTEER_Q2_K:
        store_half(scales, r, block + 80);
        store_half(scales, 16 + r, block + 82);
        for (int s = 0; s < 16; s++) groups[16 * s] = block[s];
        return;
    case HEADSTEER_IQ4_XS: {
        const uint32_t pairs = load_u16(block + 2);
        store_half(scales, r, block);
        for (int g = 0; g < 8; g++) {
            const uint32_t low = block[4 + g / 2] >> (4 * (g % 2)) & 15;
            groups[16 * g] = (uint8_t)((low | (pairs >> (2 * g) & 3) << 4) - 32);
        }
        return;
    }
    default: __builtin_unreachable();
    }
}

/// `format` is a constant.
SPECIALISED void pack_rows(
    int format, const uint8_t *rows, size_t row_bytes, size_t row_count, size_t n, uint8_t *panel) {
    const struct packed_format f = packed_format(format);
    const size_t groups = n / GROUP_WEIGHTS, code_bytes = packed_code_bytes(f), block_bytes = block_size(format).bytes;
    uint8_t *scales = panel + groups * code_bytes;
    for (size_t block = 0; block < groups / (size_t)f.groups; block++) {
        for (size_t r = 0; r < row_count; r++) {
            const uint8_t *source = rows + r * row_bytes + block * block_bytes;
            pack_scales(format, source, (int)r, scales + block * packed_scale_bytes(f));
            for (int g = 0; g < f.groups; g++) {
                const size_t group = block * (size_t)f.groups + (size_t)g;
                pack_codes(format, source, g, panel + group * code_bytes + 4 * r);
            }
        }
    }
}

#define DEFINE_FOR_FORMAT(FORMAT)                                                                                     \
    static __attribute__((noinline)) void pack_##FORMAT(                                                              \
        const uint8_t *rows, size_t row_bytes, size_t row_count, size_t n, uint8_t *panel) {                          \
        pack_rows(FORMAT, rows, row_bytes, row_count, n, panel);                                                      \
    }
FOR_EACH_PACKED_FORMAT(DEFINE_FOR_FORMAT)
#undef DEFINE_FOR_FORMAT

size_t headsteer_panel_bytes(int format, size_t n) {
    const struct packed_format f = packed_format(format);
    if (f.groups == 0 || n % (size_t)(f.groups * GROUP_WEIGHTS) != 0) return 0;
    return packed_panel_bytes(f, n);
}

void headsteer_pack(int format, const void *rows, size_t row_bytes, size_t row_count, size_t n, void *panel) {
    const size_t bytes = headsteer_panel_bytes(format, n);
    if (bytes == 0 || row_count < 1 || row_count > PANEL_OUTPUTS) __builtin_trap();
    if (row_count < PANEL_OUTPUTS) memset(panel, 0, bytes);
    switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT: pack_##FORMAT(rows, row_bytes, row_count, n, panel); return;
        FOR_EACH_PACKED_FORMAT(CASE)
#undef CASE
    default: __builtin_trap();
    }
}
