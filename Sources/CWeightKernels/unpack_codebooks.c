// Unpacking of the formats with codebooks (IQ1, IQ2, IQ3) in plain C; the layouts and formulas stand at `WeightFormat`
// in Swift. Here too all products are exact in float32, so that their order makes no difference.

#include "blocks.h"

/// The 8 signs that 7 bits stand for, one to a bit: the eighth makes their number even.
static uint32_t even_signs(uint32_t bits) {
    bits &= 127;
    return bits | (uint32_t)__builtin_parity(bits) << 7;
}

static float with_sign(float value, uint32_t signs, int bit) { return signs >> bit & 1 ? -value : value; }

/// The 8 numbers of an entry of an IQ2 codebook, times a scale and with signs.
static void write_iq2_entry(uint16_t entry, float scale, uint32_t signs, float *out) {
    static const float values[4] = {8, 25, 43};
    for (int j = 0; j < 8; j++) out[j] = with_sign(scale * values[entry >> (2 * j) & 3], signs, j);
}

/// The 4 numbers of an entry of an IQ3 codebook, times a scale and with the signs from `first_bit` on.
static void write_iq3_entry(
    uint16_t entry, const float *values, float scale, uint32_t signs, int first_bit, float *out) {
    for (int j = 0; j < 4; j++) out[j] = with_sign(scale * values[entry >> (3 * j) & 7], signs, first_bit + j);
}

/// The 8 numbers of an entry of the IQ1 codebook, shifted and times a scale.
static void write_iq1_entry(uint16_t entry, float scale, float shift, float *out) {
    for (int j = 0; j < 8; j++) out[j] = scale * ((float)(entry >> (2 * j) & 3) - 1 + shift);
}

static void unpack_iq2_xxs(const uint8_t *block, float *out) {
    const uint16_t *book = headsteer_codebook(HEADSTEER_IQ2_XXS);
    const float d = float_from_half(load_u16(block));
    for (int g = 0; g < 8; g++) {
        const uint8_t *indices = block + 2 + 8 * g;
        const uint32_t signs = load_u32(indices + 4);
        const float scale = d * (0.5f + (float)(signs >> 28)) * 0.25f;
        for (int k = 0; k < 4; k++, out += 8) {
            write_iq2_entry(book[indices[k]], scale, even_signs(signs >> (7 * k)), out);
        }
    }
}

static void unpack_iq2_xs(const uint8_t *block, float *out) {
    const uint16_t *book = headsteer_codebook(HEADSTEER_IQ2_XS);
    const float d = float_from_half(load_u16(block));
    for (int k = 0; k < 32; k++, out += 8) {
        const uint32_t bits = load_u16(block + 2 + 2 * k);
        const float scale = d * (0.5f + (float)(block[66 + k / 4] >> (k / 2 % 2 * 4) & 15)) * 0.25f;
        write_iq2_entry(book[bits & 511], scale, even_signs(bits >> 9), out);
    }
}

static void unpack_iq2_s(const uint8_t *block, float *out) {
    const uint16_t *book = headsteer_codebook(HEADSTEER_IQ2_S);
    const float d = float_from_half(load_u16(block));
    for (int k = 0; k < 32; k++, out += 8) {
        const int index = block[2 + k] | (block[66 + k / 4] >> (k % 4 * 2) & 3) << 8;
        const float scale = d * (0.5f + (float)(block[74 + k / 4] >> (k / 2 % 2 * 4) & 15)) * 0.25f;
        write_iq2_entry(book[index], scale, block[34 + k], out);
    }
}

static void unpack_iq3_xxs(const uint8_t *block, float *out) {
    static const float values[8] = {4, 12, 20, 28, 36, 44, 52, 62};
    const uint16_t *book = headsteer_codebook(HEADSTEER_IQ3_XXS);
    const float d = float_from_half(load_u16(block));
    for (int k = 0; k < 64; k++, out += 4) {
        const uint32_t signs = load_u32(block + 66 + k / 8 * 4);
        const float scale = d * (0.5f + (float)(signs >> 28)) * 0.5f;
        write_iq3_entry(book[block[2 + k]], values, scale, even_signs(signs >> (k % 8 / 2 * 7)), k % 2 * 4, out);
    }
}

static void unpack_iq3_s(const uint8_t *block, float *out) {
    static const float values[8] = {1, 3, 5, 7, 9, 11, 13, 15};
    const uint16_t *book = headsteer_codebook(HEADSTEER_IQ3_S);
    const float d = float_from_half(load_u16(block));
    for (int k = 0; k < 64; k++, out += 4) {
        const int index = block[2 + k] | (block[66 + k / 8] >> (k % 8) & 1) << 8;
        const float scale = d * (float)(1 + 2 * (block[106 + k / 16] >> (k / 8 % 2 * 4) & 15));
        write_iq3_entry(book[index], values, scale, block[74 + k / 2], k % 2 * 4, out);
    }
}

static void unpack_iq1_s(const uint8_t *block, float *out) {
    const uint16_t *book = headsteer_codebook(HEADSTEER_IQ1_S);
    const float d = float_from_half(load_u16(block));
    for (int k = 0; k < 32; k++, out += 8) {
        const int bits = load_u16(block + 34 + k / 4 * 2);
        const int index = block[2 + k] | (bits >> (k % 4 * 3) & 7) << 8;
        write_iq1_entry(book[index], d * (float)(2 * (bits >> 12 & 7) + 1), bits & 0x8000 ? -0.125f : 0.125f, out);
    }
}

static void unpack_iq1_m(const uint8_t *block, float *out) {
    const uint16_t *book = headsteer_codebook(HEADSTEER_IQ1_M);
    const uint8_t *scales = block + 48;
    uint16_t half = 0;
    for (int i = 0; i < 4; i++) half |= (uint16_t)(load_u16(scales + 2 * i) >> 12 << (4 * i));
    const float d = float_from_half(half);
    for (int k = 0; k < 32; k++, out += 8) {
        const int bits = block[32 + k / 2] >> (k % 2 * 4), index = block[k] | (bits & 7) << 8;
        const int scale = load_u16(scales + k / 8 * 2) >> (k / 2 % 4 * 3) & 7;
        write_iq1_entry(book[index], d * (float)(2 * scale + 1), bits & 8 ? -0.125f : 0.125f, out);
    }
}

void headsteer_unpack_codebook_block(int format, const uint8_t *block, float *out) {
    switch (format) {
    case HEADSTEER_IQ2_XXS: unpack_iq2_xxs(block, out); return;
    case HEADSTEER_IQ2_XS: unpack_iq2_xs(block, out); return;
    case HEADSTEER_IQ2_S: unpack_iq2_s(block, out); return;
    case HEADSTEER_IQ3_XXS: unpack_iq3_xxs(block, out); return;
    case HEADSTEER_IQ3_S: unpack_iq3_s(block, out); return;
    case HEADSTEER_IQ1_S: unpack_iq1_s(block, out); return;
    case HEADSTEER_IQ1_M: unpack_iq1_m(block, out); return;
    default: __builtin_trap();
    }
}
