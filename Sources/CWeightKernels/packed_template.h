// Products of packed weights, the same for all instruction sets that multiply bytes in vectors of 4, 8 or 16 lanes. packed.h has layout
// and formula; the compiler turns its own vectors into what the processor has.
//
// A file includes this once, within its target attribute, after it has included packed_vectors.h and defined:
//
//   HAS_SIGNED_CODES             whether codes of 8 bits are multiplied as signed bytes
//   look_up(table, places)       bytes of a table of 16
//   load_halves(source)          LANES numbers in half precision
//   plane, load_plane(codes)     the 32 codes of a group's plane, as add_word takes them
//   struct sum, begin_sum(first), whole_sum(sum)
//                                exact sums, a row to a lane
//   step_words(bits)             the most words of codes of `bits` bits that an inner sum holds
//   add_word(bits, step, i, word, plane, j, sum)
//                                adds word j, as the i-th; after each `step` words inner sums must be empty
//   PANELS_DOT                   the name of the function to define

#pragma STDC FP_CONTRACT OFF

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

// MARK: - Codes and scales

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
    if (f.has_nibbles) word = shifted_left(load_lanes(codes + 64 * (j % 4)), j < 4 ? 0 : -4) & 0x0f0f0f0f;
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

// MARK: - Sums

/// What the sum of plane `p` begins with, so that codes stand for themselves less 2^zero_bits.
SPECIALISED lanes first_sum(int format, int planes, int p, int part, const struct headsteer_group *x) {
    const struct packed_format f = packed_format(format);
    if (f.zero_bits < 0 || is_signed(format) || (planes == 3 && p == 0)) return (lanes){0};
    const int32_t *minus = p < planes - 1 ? (f.parts == 1 ? &x->minus_high : &x->half_minus_high[part])
                                          : (f.parts == 1 ? &x->minus_low : &x->half_minus_low[part]);
    return all_lanes(*minus) << f.zero_bits;
}

/// Adds a part of a group to the results of LANES rows.
SPECIALISED floats add_part(
    int format, int planes, int part, const struct sum *sums, floats scale, floats offset,
    const struct headsteer_group *x, floats result) {
    const struct packed_format f = packed_format(format);
    floats sum = float_lanes(whole_sum(sums[planes - 1]));
    if (planes == 3) {
        const lanes high = (whole_sum(sums[0]) << 8) + whole_sum(sums[1]);
        sum = multiply_add(float_lanes(high), all_floats(256), sum);
    }
    result = multiply_add(sum, scale * all_floats(x->scale), result);
    if (!f.has_offsets) return result;
    return multiply_add(offset, all_floats(f.parts == 1 ? x->sum : x->half_sums[part]), result);
}

/// The i-th word of a part to take: those that share nibbles one after the other.
SPECIALISED int word_in_order(int format, int part, int i) {
    const struct packed_format f = packed_format(format);
    if (f.parts == 2) return part * 4 + i;
    return f.has_nibbles ? i / 2 + i % 2 * 4 : i;
}

SPECIALISED int step_of_part(int format) {
    const int size = GROUP_WORDS / packed_format(format).parts, most = step_words(code_bits(format));
    return most < size ? most : size;
}

SPECIALISED void store_rows(float *y, size_t count, const floats *results) {
    if (count >= PANEL_OUTPUTS) {
        memcpy(y, results, PANEL_OUTPUTS * sizeof(float));
    } else {
        memcpy(y, results, count * sizeof(float));
    }
}

// MARK: - One vector

/// A panel times a vector. Format and planes are constants.
SPECIALISED void panel_times_vector(
    int format, int planes, const uint8_t *panel, size_t count, size_t n, struct packed_vector x, float *y) {
    const struct packed_format f = packed_format(format);
    const size_t groups = n / GROUP_WEIGHTS, code_bytes = packed_code_bytes(f);
    const int step = step_of_part(format);
    const uint8_t *codes = panel, *scales = panel + groups * code_bytes;
    floats results[PANEL_VECTORS] = {{0}};
    for (size_t g = 0; g < groups; scales += packed_scale_bytes(f)) {
        for (int own = 0; own < f.groups; own++, g++, codes += code_bytes) {
            // The codes of a panel a few groups ahead; the processor's own prefetching stops at the end of a page.
            UNROLL for (size_t line = 0; line < code_bytes; line += 64) {
                __builtin_prefetch(codes + PREFETCH_BYTES + line);
            }
            plane x_planes[HIGHEST_PLANES];
            UNROLL for (int p = 0; p < planes; p++) {
                x_planes[p] = load_plane(x.codes + (g * (size_t)planes + (size_t)p) * GROUP_WEIGHTS);
            }
            floats part_scales[PANEL_VECTORS][2], part_offsets[PANEL_VECTORS][2];
            UNROLL for (int v = 0; v < PANEL_VECTORS; v++) {
                load_scales(format, scales, own, v * LANES, part_scales[v], part_offsets[v]);
            }
            UNROLL for (int part = 0; part < f.parts; part++) {
                struct sum sums[PANEL_VECTORS][HIGHEST_PLANES];
                UNROLL for (int v = 0; v < PANEL_VECTORS; v++) {
                    UNROLL for (int p = 0; p < planes; p++) {
                        sums[v][p] = begin_sum(first_sum(format, planes, p, part, x.groups + g));
                    }
                }
                UNROLL for (int i = 0; i < GROUP_WORDS / f.parts; i++) {
                    const int j = word_in_order(format, part, i);
                    lanes words[PANEL_VECTORS];
                    UNROLL for (int v = 0; v < PANEL_VECTORS; v++) {
                        words[v] = load_word(format, codes + 4 * LANES * v, j);
                    }
                    UNROLL for (int p = 0; p < planes; p++) {
                        UNROLL for (int v = 0; v < PANEL_VECTORS; v++) {
                            add_word(code_bits(format), step, i, words[v], x_planes[p], j, &sums[v][p]);
                        }
                    }
                }
                UNROLL for (int v = 0; v < PANEL_VECTORS; v++) {
                    results[v] = add_part(
                        format, planes, part, sums[v], part_scales[v][part], part_offsets[v][part], x.groups + g,
                        results[v]);
                }
            }
        }
    }
    store_rows(y, count, results);
}

// MARK: - Several vectors

/// Vectors that share an unpacking, in registers, of each group.
enum { HIGHEST_WIDTH = 16 };

/// A panel times `width` vectors. Format and planes are constants.
SPECIALISED void panel_times_vectors(
    int format, int planes, const uint8_t *panel, size_t count, size_t n, struct packed_vector x, size_t width, float *y,
    size_t y_stride) {
    const struct packed_format f = packed_format(format);
    const size_t groups = n / GROUP_WEIGHTS, code_bytes = packed_code_bytes(f);
    const int step = step_of_part(format);
    const uint8_t *all_scales = panel + groups * code_bytes;
    floats results[HIGHEST_WIDTH][PANEL_VECTORS];
    memset(results, 0, width * sizeof results[0]);
    for (size_t g = 0; g < groups; g++) {
        const uint8_t *codes = panel + g * code_bytes;
        const uint8_t *scales = all_scales + g / (size_t)f.groups * packed_scale_bytes(f);
        for (int v = 0; v < PANEL_VECTORS; v++) {
            lanes words[GROUP_WORDS];
            floats part_scales[2], part_offsets[2];
            UNROLL for (int j = 0; j < GROUP_WORDS; j++) words[j] = load_word(format, codes + 4 * LANES * v, j);
            load_scales(format, scales, (int)(g % (size_t)f.groups), v * LANES, part_scales, part_offsets);
            for (size_t b = 0; b < width; b++) {
                const int8_t *x_codes = x.codes + (b * groups + g) * (size_t)planes * GROUP_WEIGHTS;
                const struct headsteer_group *x_group = x.groups + b * groups + g;
                plane x_planes[HIGHEST_PLANES];
                UNROLL for (int p = 0; p < planes; p++) x_planes[p] = load_plane(x_codes + GROUP_WEIGHTS * p);
                UNROLL for (int part = 0; part < f.parts; part++) {
                    struct sum sums[HIGHEST_PLANES];
                    UNROLL for (int p = 0; p < planes; p++) {
                        sums[p] = begin_sum(first_sum(format, planes, p, part, x_group));
                    }
                    const int size = GROUP_WORDS / f.parts;
                    UNROLL for (int i = 0; i < size; i++) {
                        const int j = part * size + i;
                        UNROLL for (int p = 0; p < planes; p++) {
                            add_word(code_bits(format), step, i, words[j], x_planes[p], j, &sums[p]);
                        }
                    }
                    results[b][v] = add_part(
                        format, planes, part, sums, part_scales[part], part_offsets[part], x_group, results[b][v]);
                }
            }
        }
    }
    for (size_t b = 0; b < width; b++) store_rows(y + b * y_stride, count, results[b]);
}

// MARK: - From a format known at run time to a constant one

#define DEFINE_FOR_PLANES(FORMAT, PLANES)                                                                             \
    static __attribute__((noinline)) void panel_##FORMAT##_##PLANES(                                                  \
        const uint8_t *panel, size_t count, size_t n, struct packed_vector x, size_t width, float *y,                 \
        size_t y_stride) {                                                                                            \
        if (width == 1) {                                                                                             \
            panel_times_vector(FORMAT, PLANES, panel, count, n, x, y);                                                \
        } else {                                                                                                      \
            panel_times_vectors(FORMAT, PLANES, panel, count, n, x, width, y, y_stride);                              \
        }                                                                                                             \
    }
#define DEFINE_FOR_FORMAT(FORMAT)                                                                                     \
    DEFINE_FOR_PLANES(FORMAT, 1)                                                                                      \
    DEFINE_FOR_PLANES(FORMAT, 3)
FOR_EACH_PACKED_FORMAT(DEFINE_FOR_FORMAT)
#undef DEFINE_FOR_FORMAT
#undef DEFINE_FOR_PLANES

typedef void panel_function(
    const uint8_t *panel, size_t count, size_t n, struct packed_vector x, size_t width, float *y, size_t y_stride);

static panel_function *function_for(int format, int planes) {
    switch (format) {
#define CASE(FORMAT)                                                                                                  \
    case FORMAT: return planes == 1 ? panel_##FORMAT##_1 : panel_##FORMAT##_3;
        FOR_EACH_PACKED_FORMAT(CASE)
#undef CASE
    default: __builtin_trap();
    }
}

void PANELS_DOT(
    int format, const void *panels, size_t row_count, size_t n, struct headsteer_rounded x, size_t batch, float *y,
    size_t y_stride, void *scratch) {
    (void)scratch;
    const size_t panel_bytes = headsteer_panel_bytes(format, n);
    if (panel_bytes == 0) __builtin_trap();
    panel_function *const times = function_for(format, x.planes);
    // A strip of panels and the vectors of a step stay in the second-level cache.
    const size_t strip = batch == 1 ? row_count : packed_strip(n);
    for (size_t first = 0; first < row_count; first += strip) {
        const size_t last = row_count - first < strip ? row_count : first + strip;
        for (size_t b = 0; b < batch; b += HIGHEST_WIDTH) {
            const struct packed_vector vector = packed_vector(x, n, b);
            const size_t width = batch - b < HIGHEST_WIDTH ? batch - b : HIGHEST_WIDTH;
            for (size_t r = first; r < last; r += PANEL_OUTPUTS) {
                const uint8_t *panel = (const uint8_t *)panels + r / PANEL_OUTPUTS * panel_bytes;
                const size_t count = last - r < PANEL_OUTPUTS ? last - r : PANEL_OUTPUTS;
                times(panel, count, n, vector, width, y + b * y_stride + r, y_stride);
            }
        }
    }
}

#pragma clang diagnostic pop
