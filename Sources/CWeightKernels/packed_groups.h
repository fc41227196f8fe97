// Codes and scales of a group of packed weights in vectors of 4, 8 or 16 lanes, which the compiler turns into what the processor has.
// packed.h has layout and formula.
//
// A file includes this within its target attribute, after it has included packed_vectors.h and defined:
//
//   HAS_SIGNED_CODES         whether codes of 8 bits are multiplied as signed bytes
//   look_up(table, places)   bytes of a table of 16
//   load_halves(source)      LANES numbers in half precision

#pragma STDC FP_CONTRACT OFF

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

/// The bits of a code as it is multiplied.
SPECIALISED int code_bits(int format) {
    const struct packed_format f = packed_format(format);
    if (f.has_table) return format == HEADSTEER_MXFP4 ? 5 : 8;
    return f.has_bytes ? 8 : 4 * f.has_nibbles + 2 * f.has_pairs + f.has_bits;
}

SPECIALISED int is_signed(int format) { return HAS_SIGNED_CODES && code_bits(format) == 8; }

SPECIALISED lanes shifted_left(lanes value, int count) {
    return count >= 0 ? value << count : (lanes)((unsigned_lanes)value >> -count);
}

/// Word j of a group, of the LANES rows that begin at `codes`.
SPECIALISED lanes load_word(int format, const uint8_t *codes, int j) {
    const struct packed_format f = packed_format(format);
    const uint8_t *pairs = codes + 256 * f.has_nibbles, *bits = pairs + 128 * f.has_pairs;
    if (f.has_bytes) {
        const lanes word = load_lanes(codes + 64 * j);
        return is_signed(format) ? word ^ (int32_t)0x80808080 : word;
    }
    lanes word = {0};
    if (f.has_nibbles) {
        const lanes both = load_lanes(codes + 64 * (j % 4));
        word = j < 4 ? both & 0x0f0f0f0f : (lanes)((bytes)both >> 4);
    }
    if (f.has_table) {
        uint8_t table[16];
        packed_table(format, table);
        if (is_signed(format)) {
            for (int i = 0; i < 16; i++) table[i] ^= 0x80;
        }
        word = look_up(table, word);
    }
    if (f.has_pairs) {
        const int place = f.has_nibbles ? 4 : 0;
        const lanes four = shifted_left(load_lanes(pairs + 64 * (j / 4)), place - 2 * (j % 4));
        word |= four & (0x03030303 << place);
    }
    if (f.has_bits) {
        const int place = f.has_nibbles ? 4 : 2;
        word |= shifted_left(load_lanes(bits), place - j) & (0x01010101 << place);
    }
    return word;
}

/// Scales and offsets of the parts of group `g` of those that share `d`, of the rows from `first`.
SPECIALISED void load_scales(
    int format, const uint8_t *scales, int g, int first, floats *part_scales, floats *part_offsets) {
    const struct packed_format f = packed_format(format);
    if (format == HEADSTEER_MXFP4) {
        const lanes exponents = load_bytes(scales + first);
        const lanes is_small = exponents < 2;
        const lanes normal = (exponents - 1) << 23, small = 0x00200000 << (exponents & 1);
        part_scales[0] = (floats)((small & is_small) | (normal & ~is_small));
        return;
    }
    const floats d = load_halves(scales + 2 * first);
    const floats m = f.has_offsets ? load_halves(scales + 32 + 2 * first) : d;
    const uint8_t *own = scales + f.header_bytes + (size_t)g * f.scale_bytes + first;
    UNROLL for (int part = 0; part < f.parts; part++) {
        switch (format) {
        case HEADSTEER_Q4_K:
        case HEADSTEER_Q5_K:
            part_scales[part] = d * float_lanes(load_bytes(own));
            part_offsets[part] = -m * float_lanes(load_bytes(own + 16));
            break;
        case HEADSTEER_Q2_K: {
            const lanes both = load_bytes(own + 16 * part);
            part_scales[part] = d * float_lanes(both & 15);
            part_offsets[part] = -m * float_lanes(both >> 4);
            break;
        }
        case HEADSTEER_Q6_K:
        case HEADSTEER_Q3_K:
        case HEADSTEER_IQ4_XS: part_scales[part] = d * float_lanes(load_signed_bytes(own + 16 * part)); break;
        default:
            part_scales[part] = d;
            part_offsets[part] = m;
        }
    }
}

/// What vectors x have for a part of a group: the same in every lane for a single vector.
struct part_of_x {
    /// What the sums of planes 0 and 1, and the last sum, begin with, so that codes stand for themselves less 2^zero_bits.
    lanes first_high, first_low;
    floats scale, sum;
};

SPECIALISED struct part_of_x part_of_x(int format, int part, const struct headsteer_group *x) {
    const struct packed_format f = packed_format(format);
    struct part_of_x result = {
        .scale = all_floats(x->scale), .sum = all_floats(f.parts == 1 ? x->sum : x->half_sums[part]),
    };
    if (f.zero_bits >= 0 && !is_signed(format)) {
        result.first_high = all_lanes(f.parts == 1 ? x->minus_high : x->half_minus_high[part]) << f.zero_bits;
        result.first_low = all_lanes(f.parts == 1 ? x->minus_low : x->half_minus_low[part]) << f.zero_bits;
    }
    return result;
}

/// What the sum of plane `p` begins with.
SPECIALISED lanes first_sum(int planes, int p, struct part_of_x x) {
    return p == planes - 1 ? x.first_low : p == 1 ? x.first_high : (lanes){0};
}

/// Adds the exact sums of a part's planes to results.
SPECIALISED floats add_part(
    int format, int planes, const lanes *sums, floats scale, floats offset, struct part_of_x x, floats result) {
    floats sum = float_lanes(sums[planes - 1]);
    if (planes == 3) sum = multiply_add(float_lanes((sums[0] << 8) + sums[1]), all_floats(256), sum);
    result = multiply_add(sum, scale * x.scale, result);
    return packed_format(format).has_offsets ? multiply_add(offset, x.sum, result) : result;
}

/// Vectors that share an unpacking, in registers, of each group.
enum { HIGHEST_WIDTH = 16 };

SPECIALISED void store_rows(float *y, size_t count, const floats *results) {
    if (count >= PANEL_OUTPUTS) {
        memcpy(y, results, PANEL_OUTPUTS * sizeof(float));
    } else {
        memcpy(y, results, count * sizeof(float));
    }
}

#pragma clang diagnostic pop
