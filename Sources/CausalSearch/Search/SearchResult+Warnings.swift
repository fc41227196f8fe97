import Foundation

extension SearchResult {
    /// The fewest texts of a class that a direction can rest on: with fewer, what the texts have in common besides the behaviour
    /// is a large part of it.
    static let fewestTexts = 8
    /// The fewest prompts that effects can be measured on.
    static let fewestItems = 6

    /// What speaks against the heads that were chosen and against what they rest on, a sentence each: a search always takes as
    /// many heads as it was asked for.
    public var warnings: [String] {
        var warnings: [String] = []
        let least = min(fittedTexts.true, fittedTexts.false)
        if least < Self.fewestTexts {
            warnings.append(
                "the directions rest on \(fittedTexts.true) \(fittedTexts.true == 1 ? "text" : "texts") with the label and \(fittedTexts.false) without; give at least "
                    + "\(Self.fewestTexts) of each, of different contents")
        }
        if unedited.count < Self.fewestItems {
            warnings.append(
                "effects are measured on \(unedited.count == 1 ? "one prompt" : "\(unedited.count) prompts") alone"
                    + "\(unedited.count == 1 ? ", which gives no interval" : ""); give at least \(Self.fewestItems)")
        }
        let names: ([ScreenedHead]) -> String = { $0.map(\.head.description).joined(separator: ", ") }
        let weak = chosen.filter { ($0.ciLow ?? 0) <= 0 }
        if !weak.isEmpty { warnings.append("no effect in the direction of the labels is certain at \(names(weak))") }
        let usual = chosen.filter { ($0.q ?? 0) > 0.05 }
        if !usual.isEmpty {
            warnings.append("random directions do about as much as the head's own at \(names(usual)) (q above 0.05)")
        }
        if let undecided = undecidedCheck { warnings.append(undecided) }
        for (step, next) in zip(combination, combination.dropFirst())
        where next.replaced == nil && next.effect <= step.effect {
            warnings.append("the head \(next.added) adds nothing to those before it; fewer heads would do as much")
        }
        if !isWithinBudget {
            warnings.append(
                "no strength that was tried keeps the side effects within the budget; the plan has the smallest, "
                    + "\(PresetNumber.text(strength)) σ")
        }
        return warnings
    }

    /// That the texts of chosen heads passed the check without saying anything; nil where they say something.
    private var undecidedCheck: String? {
        let taken = heads.compactMap { head in checked.first { $0.head == head.head } }.filter { !$0.decides }
        guard let first = taken.first, let base = uneditedOutcomes else { return nil }
        return
            "the check by texts decided nothing at \(taken.map(\.head.description).joined(separator: ", ")): "
            + "\(base.undefined) of \(base.total) texts without an edit and \(first.outcomes.undefined) of "
            + "\(first.outcomes.total) with head \(first.head) are undefined; give --answers whose texts can be told apart, or "
            + "more --check-tokens"
    }
}
