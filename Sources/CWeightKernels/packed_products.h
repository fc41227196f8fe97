// Products of packed weights, the same for all instruction sets that multiply bytes in vectors of 4, 8 or 16 lanes.
//
// A file includes this once, within its target attribute, after it has included packed_groups.h and defined:
//
//   plane, load_plane(codes)     the 32 codes of a group's plane, as add_word takes them
//   struct sum, begin_sum(first), whole_sum(sum)
//                                exact sums, a row to a lane
//   step_words(bits)             the most words of codes of `bits` bits that an inner sum holds
//   add_word(bits, step, i, word, plane, j, sum)
//                                adds word j, as the i-th; after each `step` words inner sums must be empty
//   PANEL_TIMES_VECTORS          if there is a function that is better than panel_times_vectors below
//   PANELS_DOT                   the name of the function to define

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

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
            prefetch_ahead(f, panel, groups, g);
            plane x_planes[HIGHEST_PLANES];
            UNROLL for (int p = 0; p < planes; p++) {
                x_planes[p] = load_plane(x.codes + (g * (size_t)planes + (size_t)p) * GROUP_WEIGHTS);
            }
            floats part_scales[PANEL_VECTORS][2], part_offsets[PANEL_VECTORS][2];
            UNROLL for (int v = 0; v < PANEL_VECTORS; v++) {
                load_scales(format, scales, own, v * LANES, part_scales[v], part_offsets[v]);
            }
            UNROLL for (int part = 0; part < f.parts; part++) {
                const struct part_of_x x_part = part_of_x(format, part, x.groups + g);
                struct sum sums[PANEL_VECTORS][HIGHEST_PLANES];
                UNROLL for (int v = 0; v < PANEL_VECTORS; v++) {
                    UNROLL for (int p = 0; p < planes; p++) sums[v][p] = begin_sum(first_sum(planes, p, x_part));
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
                    lanes whole[HIGHEST_PLANES];
                    UNROLL for (int p = 0; p < planes; p++) whole[p] = whole_sum(sums[v][p]);
                    results[v] = add_part(
                        format, planes, whole, part_scales[v][part], part_offsets[v][part], x_part, results[v]);
                }
            }
        }
    }
    store_rows(y, count, results);
}

// MARK: - Several vectors

#ifndef PANEL_TIMES_VECTORS
#define PANEL_TIMES_VECTORS panel_times_vectors

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
                    const struct part_of_x x_part = part_of_x(format, part, x_group);
                    struct sum sums[HIGHEST_PLANES];
                    UNROLL for (int p = 0; p < planes; p++) sums[p] = begin_sum(first_sum(planes, p, x_part));
                    const int size = GROUP_WORDS / f.parts;
                    UNROLL for (int i = 0; i < size; i++) {
                        const int j = part * size + i;
                        UNROLL for (int p = 0; p < planes; p++) {
                            add_word(code_bits(format), step, i, words[j], x_planes[p], j, &sums[p]);
                        }
                    }
                    lanes whole[HIGHEST_PLANES];
                    UNROLL for (int p = 0; p < planes; p++) whole[p] = whole_sum(sums[p]);
                    results[b][v] = add_part(
                        format, planes, whole, part_scales[part], part_offsets[part], x_part, results[b][v]);
                }
            }
        }
    }
    for (size_t b = 0; b < width; b++) store_rows(y + b * y_stride, count, results[b]);
}
#endif

// MARK: - From a format known at run time to a constant one

#define DEFINE_FOR_PLANES(FORMAT, PLANES)                                                                             \
    static __attribute__((noinline)) void panel_##FORMAT##_##PLANES(                                                  \
        const uint8_t *panel, size_t count, size_t n, struct packed_vector x, size_t width, float *y,                 \
        size_t y_stride) {                                                                                            \
        if (width == 1) {                                                                                             \
            panel_times_vector(FORMAT, PLANES, panel, count, n, x, y);                                                \
        } else {                                                                                                      \
            PANEL_TIMES_VECTORS(FORMAT, PLANES, panel, count, n, x, width, y, y_stride);                              \
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
