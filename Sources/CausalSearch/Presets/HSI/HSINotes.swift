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
            notes.append("Directions are fitted on 18 rows, 3 + 3 completions of 3 questions, as published.")
        } else {
            notes.append(
                "Directions are fitted on \(split.rows) rows of \(questions) questions, taken in the data's order; the "
                    + "published set has 18 of 3, 3 + 3 completions of each.")
        }
        let letters = split.training.compactMap(\.matchingLetter)
        if letters.count == questions, Set(letters).count == 1, let letter = letters.first {
            notes.append(
                "The answer that shows the behaviour is (\(letter)) in every question that directions are fitted on, so "
                    + "they can't tell the behaviour from a preference for the letter.")
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
            notes.append("No question is left for validation, so the strength is chosen on the questions of the fit.")
        }
        return notes
    }

    private var source: [String] {
        [
            "The source sweeps with the direction of one question at a time; here it is the pooled direction, which is also "
                + "the one in the plan.",
            "The source swept all heads at 55, 75, 100 and 125 σ, depending on the question; here at "
                + options.sweepStrengths.map(PresetNumber.text).joined(separator: ", ") + ".",
            "The source writes up to 600 tokens, at least 32, and suppresses an end at once; here at most "
                + "\(options.maxTokens), with no least length.",
            "The source combined heads by hand; here the \(options.heads) that say most for the behaviour when tested "
                + "again go together.",
            "All heads draw from the same random numbers, so that heads without an effect write the same texts; the source "
                + "draws anew.",
            "The source computes in bfloat16 and its σ over all rows of its file; here σ is over the rows of the fit, "
                + "divided by their number (ddof 0) as there.",
        ]
    }

    private var ours: [String] {
        [
            "Our own search ranks heads by the teacher-forced logit difference of all items, both ways and against random "
                + "directions, and not by 6 sampled texts, of which a third of the best are luck."
        ]
    }
}
