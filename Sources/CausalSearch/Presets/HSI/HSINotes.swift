import DataSets

/// Notes for the reader of an HSI plan.
struct HSINotes {
    let options: HSIOptions
    let split: HSISplit
    let texts: HSITexts
    let rows: [PreparedText]

    var all: [String] { data + source + ours }

    private var data: [String] {
        let questions = split.training.count
        var notes: [String] = []
        if questions == 3, split.rows == 18 {
            notes.append("Directions are fitted on 18 rows, 3 + 3 completions of each of 3 questions, as published.")
        } else {
            notes.append(
                "Directions are fitted on \(split.rows) rows of \(questions) questions, taken in the data's order; the "
                    + "published set has 18 rows, 3 + 3 completions of each of 3 questions.")
        }
        let letters = split.training.compactMap(\.matchingLetter)
        if letters.count == questions, Set(letters).count == 1, let letter = letters.first {
            notes.append(
                "The answer that shows the behaviour is (\(letter)) in every question that directions are fitted on, so "
                    + "the directions can't tell the behaviour from a preference for the letter.")
        }
        if texts.usesChatTemplate, texts.haveEnds(rows) {
            notes.append("z is read at the end-of-sequence token that the chat template writes after the answer.")
        } else {
            notes.append(
                "z is read at each text's last token: "
                    + (texts.usesChatTemplate
                        ? "the chat template writes no end-of-sequence token."
                        : "the texts don't go through a chat template, whose end-of-sequence token the source reads."))
        }
        if split.validation.isEmpty {
            notes.append(
                "No question is left for validation, so the strength is chosen on the questions that directions are "
                    + "fitted on.")
        }
        return notes
    }

    private var source: [String] {
        [
            "The source sweeps with the direction of one question at a time; here the sweep uses the pooled "
                + "direction, which is also the plan's.",
            "The source swept all heads at 55, 75, 100 and 125 σ, depending on the question; here they are swept at "
                + options.sweepStrengths.map(PresetNumber.text).joined(separator: ", ") + ".",
            "The source writes 32 to 600 tokens and doesn't let a text end at once; here a text has at most "
                + "\(options.maxTokens) tokens and no minimum length.",
            "The source combined heads by hand; here the \(options.heads) heads with the most texts for the behaviour "
                + "when tested again are combined.",
            "All heads use the same random numbers, so that heads without an effect write the same texts; the source "
                + "draws new ones each time.",
            "The source computes in bfloat16, and takes σ over all rows of its file; here σ is over the rows that "
                + "directions are fitted on. Both divide by the number of rows (ddof 0).",
        ]
    }

    private var ours: [String] {
        [
            "Our own search ranks heads by the teacher-forced logit difference of all items, in both directions and "
                + "against random directions. With 6 sampled texts per head, some of the best heads are there by luck."
        ]
    }
}
