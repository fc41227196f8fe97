// Exact sums by `vpmaddubsw`, which multiplies unsigned codes by bytes of a vector and adds pairs of products in 16 bits: sums of several
// words are added up in 16 bits as long as they fit.

/// Codes of 8 bits are taken in halves, whose sums are apart: two products of whole ones wouldn't fit.
struct sum {
    lanes whole, pairs, high_pairs;
};

SPECIALISED struct sum begin_sum(lanes first) { return (struct sum){.whole = first}; }

SPECIALISED lanes whole_sum(struct sum sum) { return sum.whole; }

/// A word adds two products of at most 2^bits - 1 and 128, or of half a code and 128.
SPECIALISED int step_words(int bits) { return bits == 6 ? 2 : bits == 5 ? 4 : 8; }

SPECIALISED void add_word(int bits, int step, int i, lanes word, plane x, int j, struct sum *sum) {
    const lanes x_word = plane_word(x, j), products = pair_products(bits == 8 ? word & 0x0f0f0f0f : word, x_word);
    const int is_first = i % step == 0, is_last = i % step == step - 1;
    sum->pairs = is_first ? products : add_pairs(sum->pairs, products);
    if (is_last) sum->whole += sum_pairs(sum->pairs, 1);
    if (bits < 8) return;
    const lanes high_products = pair_products((lanes)((bytes)word >> 4), x_word);
    sum->high_pairs = is_first ? high_products : add_pairs(sum->high_pairs, high_products);
    if (is_last) sum->whole += sum_pairs(sum->high_pairs, 16);
}
