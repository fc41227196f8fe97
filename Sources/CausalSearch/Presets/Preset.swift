/// Published recipes for a plan, each with its source's own constants, to compare our own search with.
///
/// | preset | what is edited | how it is found |
/// |---|---|---|
/// | ``hsi`` | z of a few heads | from the texts written when one head is moved (``HSIPreset``) |
/// | ``iti`` | z of many heads | by the accuracy of logistic probes (``ITIPreset``) |
/// | ``caa`` | a layer's output | from pairs of answers, at the layer with the largest effect (``CAAPreset``) |
/// | ``ablate`` | the whole residual stream | from a difference of means at one layer (``AblatePreset``) |
public enum Preset: String, Sendable, Codable, CaseIterable {
    /// Head-specific intervention.
    case hsi
    /// Inference-time intervention.
    case iti
    /// Contrastive activation addition.
    case caa
    /// Directional ablation.
    case ablate

    /// The paper, and the code that its constants were checked against.
    public var source: String {
        switch self {
        case .hsi:
            "Darm & Riccardi 2025, Head-Specific Intervention (arXiv 2502.05945); PaulDrm/targeted_intervention"
        case .iti: "Li et al. 2023, Inference-Time Intervention (arXiv 2306.03341); likenneth/honest_llama"
        case .caa: "Rimsky et al. 2024, Contrastive Activation Addition (arXiv 2312.06681); nrimsky/CAA"
        case .ablate:
            "Arditi et al. 2024, Refusal Is Mediated by a Single Direction (arXiv 2406.11717); andyrdt/refusal_direction"
        }
    }
}
