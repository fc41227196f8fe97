import DataFiles
import Foundation

/// Divides questions as ITI does: into contiguous folds in the data's order, with a random part of the questions that
/// aren't held out for validation.
public struct ITISplit: Sendable, Equatable {
    /// The groups that probes are fitted to, as indices in the data's order from 0.
    public var training: [Int]
    /// The groups that heads are ranked on.
    public var validation: [Int]
    /// The groups of the fold that is held out; empty if there is only one fold.
    public var heldOut: [Int]

    /// Divides the questions.
    ///
    /// - Parameters:
    ///   - groups: the number of questions.
    ///   - folds: 2 as in `validate_2fold.py`; 1 uses all questions, as `edit_weight.py` does.
    ///   - fold: the fold that is held out.
    ///   - validationShare: the share of validation questions among those that aren't held out.
    /// - Precondition: `fold` is one of `folds`, from 0; `validationShare` is above 0 and below 1.
    public init(groups: Int, folds: Int, fold: Int, validationShare: Double, seed: UInt64) {
        precondition(folds >= 1 && (0..<folds).contains(fold), "There is no fold \(fold) of \(folds).")
        precondition(validationShare > 0 && validationShare < 1, "A share is between 0 and 1.")
        // If the division leaves a remainder, the first folds get one question more, as with numpy.array_split.
        let sizes = (0..<folds).map { groups / folds + ($0 < groups % folds ? 1 : 0) }
        let start = sizes.prefix(fold).reduce(0, +)
        heldOut = folds == 1 ? [] : Array(start..<start + sizes[fold])
        let held = Set(heldOut)
        let usable = (0..<groups).filter { !held.contains($0) }
        var shuffled = usable
        var generator = SeededGenerator(seed: seed)
        generator.shuffle(&shuffled)
        let count = Int(Double(usable.count) * (1 - validationShare))
        let chosen = Set(shuffled.prefix(count))
        training = usable.filter(chosen.contains)
        validation = usable.filter { !chosen.contains($0) }
    }
}
