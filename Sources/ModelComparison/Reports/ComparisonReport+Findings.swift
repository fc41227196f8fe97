import Foundation
import Statistics
import Transformer

extension ComparisonReport {
    /// What the comparison found, in sentences: the weights first, then the consequences.
    public var findings: [String] {
        var found = weightFindings
        if !settings.isEmpty {
            found.append(
                "Even with the same weights, the models would compute different things. They differ in: "
                    + "\(settings.joined(separator: ", ")).")
        }
        if let recorded {
            found.append(
                recorded.finding(changed: changedHeads, unexplainedBiases: weights.unexplainedBiases))
        }
        found.append(
            String(
                format: "Both give the same answer to %.0f%% of %d items [%.0f%%, %.0f%%]; the logit difference is %@ "
                    + "in A and changes by %@ [%@] in B (sign-flip p %@).", answers.agreement.share * 100,
                answers.items, answers.agreement.ciLow * 100, answers.agreement.ciHigh * 100,
                Self.signed(answers.logitDifferenceA.mean), Self.signed(answers.change.change.mean),
                answers.change.change.intervalText(items: answers.items, Self.signed), Self.p(answers.change.signFlip.p)
            ))
        found.append(
            String(
                format: "The next token's distributions are %.2g nats apart on the data and %.2g on neutral text; the "
                    + "likeliest token is the same at %.0f%% and %.0f%% of the positions.", divergence.kl.mean,
                neutralDivergence.kl.mean, divergence.sameTopToken.mean * 100,
                neutralDivergence.sameTopToken.mean * 100))
        if let texts {
            found.append(
                String(
                    format:
                        "%.0f%% of %d texts are the same; %.0f%% of A's and %.0f%% of B's read as refusals, and %.0f%% and "
                        + "%.0f%% are undefined: neither for the behaviour nor against it, or both.",
                    texts.sameText.share * 100, texts.prompts.count, texts.a.refusals.share * 100,
                    texts.b.refusals.share * 100, texts.a.undefined.share * 100,
                    texts.b.undefined.share * 100))
        }
        if let plan {
            found.append(
                String(
                    format: "The plan moves the logit difference by %@ in A and by %@ in B.",
                    Self.signed(plan.changeA.change.mean), Self.signed(plan.changeB.change.mean)))
        }
        return found
    }

    private var weightFindings: [String] {
        if weights.isSame { return ["All weights are the same."] }
        var found: [String] = []
        let kept = weights.order.filter(\.keepsFunction).map(\.layer)
        let broken = weights.order.filter { !$0.keepsFunction }.map(\.layer)
        if !kept.isEmpty {
            found.append(
                "In \(Self.layers(kept)), B has A's heads, or the values within them, in another order. This doesn't "
                    + "change what is computed; each head is compared with its counterpart.")
        }
        if !broken.isEmpty {
            found.append(
                "In \(Self.layers(broken)), B has rows of A's attention in another order, but not in the same order in "
                    + "all matrices, so something else is computed there.")
        }
        let changed = changedHeads
        if changed.isEmpty {
            let isRounded = heads.contains { $0.weights.weightChange > 1e-5 }
            found.append(
                isRounded
                    ? String(
                        format:
                            "No head's weights differ by more than rounding to the formats explains (%@; %.2g of their "
                            + "norm overall).", Self.formats(weights.formats), weights.attentionChange)
                    : weights.order.isEmpty
                        ? "No head's weights differ." : "Apart from that order, no head's weights differ.")
        } else {
            let byBias = heads.filter { $0.isChanged && $0.weights.changed == ["outputBias"] }.count
            let names = changed.prefix(24).map(\.description).joined(separator: ", ")
            found.append(
                "\(changed.count) of \(heads.count) heads changed: \(names)\(changed.count > 24 ? ", …" : "")"
                    + (byBias == changed.count
                        ? ". All changes are in biases of output projections, as baked additions leave them." : "."))
        }
        if !weights.unexplainedBiases.isEmpty {
            found.append(
                "The output bias of \(Self.layers(weights.unexplainedBiases)) changed in a way that a few heads can't explain, "
                    + "as after training or edits of most heads."
            )
        }
        let elsewhere = weights.elsewhere.filter(\.isChanged)
        found.append(
            elsewhere.isEmpty
                ? weights.elsewhere.contains { $0.change > 0 }
                    ? "Outside attention nothing changed beyond rounding." : "Outside attention nothing changed."
                : "Outside attention \(elsewhere.count) of \(weights.elsewhere.count) tensors changed, among them "
                    + elsewhere.sorted { $0.change > $1.change }.prefix(4).map(\.name).joined(separator: ", ") + ".")
        let reordered = weights.elsewhere.filter(\.isReordered)
        if !reordered.isEmpty {
            found.append(
                "\(reordered.count) tensors outside attention have the same rows or columns in another order, among them "
                    + reordered.prefix(4).map(\.name).joined(separator: ", ") + ".")
        }
        return found
    }

    /// `layer 3`, `layers 2, 5 and 7`
    private static func layers(_ layers: [Int]) -> String {
        let names = layers.map(String.init)
        guard names.count > 1 else { return "layer \(names.first ?? "")" }
        return "layers \(names.dropLast().joined(separator: ", ")) and \(names[names.count - 1])"
    }

    private static func formats(_ formats: [String: Int]) -> String {
        let pairs = Set(formats.keys.compactMap { $0.split(separator: ": ").last.map(String.init) })
        return pairs.sorted().joined(separator: "; ")
    }

    private static func signed(_ value: Double) -> String { String(format: "%+.3g", value).replacing("-", with: "−") }

    private static func p(_ value: Double) -> String { String(format: value < 0.001 ? "%.1e" : "%.3f", value) }
}
