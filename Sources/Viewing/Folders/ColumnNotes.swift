/// Explains the numbers in this program's files, for readers of a page who don't have its documentation.
enum ColumnNotes {
    static func note(_ label: String) -> String { notes[label] ?? "" }

    /// Whether a value of 0.5 carries no information.
    static func isArea(_ label: String) -> Bool { ["auroc", "accuracy", "balancedAccuracy"].contains(label) }

    /// Whether small values are the interesting ones.
    static func isProbability(_ label: String) -> Bool { ["p", "q", "unadjustedP"].contains(label) }

    private static let notes = [
        "effect":
            "How much moving the head changes the logit difference; in a search, half the difference between both signs.",
        "ciLow": "Lower bound of the 95% interval.",
        "ciHigh": "Upper bound of the 95% interval.",
        "positiveEffect": "The mean change of the logit difference at plus the strength.",
        "negativeEffect": "The mean change of the logit difference at minus the strength.",
        "excess": "The effect divided by the spread of random directions' effects at the head.",
        "p": "p value.",
        "q":
            "Benjamini and Hochberg's q value over all heads: at 0.05, one in twenty of the heads called is expected to be false.",
        "unadjustedP": "p value of the head alone, not corrected for the number of heads.",
        "auroc": "Area under the ROC curve of cross-validated scores: 0.5 is chance, 1 is perfect separation.",
        "accuracy": "Share of correct decisions on texts that the probe wasn't fitted on.",
        "balancedAccuracy": "The mean of both classes' accuracies.",
        "selectivity": "Accuracy minus that on random labels.",
        "directCosine":
            "Cosine between what the direction writes to the residual stream and what the contrast's tokens read from it.",
        "sigma": "Spread of the projections on the direction over all texts.",
        "directionNorm": "Length of the difference between the class means.",
        "strength": "The strength at which the effect is largest, in σ.",
        "weightChange": "Relative change of the head's weights.",
        "activationCosine": "Cosine between the two models' activations.",
        "cka": "Linear centred kernel alignment of the two models' activations.",
    ]
}
