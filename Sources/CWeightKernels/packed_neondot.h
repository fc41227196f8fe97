// Exact sums by `sdot`, which multiplies four codes of each of four rows by the same four bytes of a vector and adds them to the row's
// 32-bit sum.

struct sum {
    int32x4_t whole;
};

SPECIALISED struct sum begin_sum(lanes first) { return (struct sum){(int32x4_t)first}; }

SPECIALISED lanes whole_sum(struct sum sum) { return (lanes)sum.whole; }

SPECIALISED int step_words(int bits) { return (void)bits, GROUP_WORDS; }

SPECIALISED void add_word(int bits, int step, int i, lanes word, plane x, int j, struct sum *sum) {
    (void)bits, (void)step, (void)i;
    const int8x16_t codes = (int8x16_t)word, four = vreinterpretq_s8_s32(x.words[j / 4]);
    switch (j % 4) {
    case 0: sum->whole = vdotq_laneq_s32(sum->whole, codes, four, 0); return;
    case 1: sum->whole = vdotq_laneq_s32(sum->whole, codes, four, 1); return;
    case 2: sum->whole = vdotq_laneq_s32(sum->whole, codes, four, 2); return;
    default: sum->whole = vdotq_laneq_s32(sum->whole, codes, four, 3); return;
    }
}
