/// The loss that learning minimises: −ln σ(β (d − d₀)).
///
/// For two answers, it is the preference loss of DPO (Rafailov et al. 2023, arXiv 2305.18290), with which LoFiT learns
/// from preferences.
struct PreferenceLoss: Sendable {
    /// β
    var beta: Double
    /// Whether d₀ is the unedited model's difference; otherwise d₀ is 0.
    ///
    /// With d₀ = 0 and β = 1, the loss is the cross-entropy of the behaviour's answers among those offered.
    var isRelative: Bool

    /// The loss and its derivative by d.
    func value(_ difference: Double, unedited: Double) -> (loss: Double, slope: Double) {
        let margin = beta * (difference - (isRelative ? unedited : 0))
        return (softplus(-margin), -beta * sigmoid(-margin))
    }
}
