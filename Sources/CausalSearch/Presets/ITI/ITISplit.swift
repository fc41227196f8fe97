import DataFiles
import Foundation

/// How ITI divides questions: contiguous folds in the data's order, and of those that aren't held out a random part for
/// validation.
public struct ITISplit: Sendable, Equatable {
    /// Numbers of groups, in the data's order from 0: what probes are fitted on.
    public var training: [Int]
    /// What heads are ranked on.
    public var validation: [Int]
    /// The fold that nothing was fitted on; empty with one fold.
    public var heldOut: [Int]

    /// - Parameters:
    ///   - groups: the number of questions.
    ///   - folds: 2 as in `validate_2fold.py`; 1 takes all questions, as `edit_weight.py` does.
    ///   - fold: which fold is held out.
    ///   - validationShare: of the questions that aren't held out.
    /// - Precondition: `fold` is one of `folds`, from 0; a share above 0 and below 1.
    public init(groups: Int, folds: Int, fold: Int, validationShare: Double, seed: UInt64) {
        precondition(folds >= 1 && (0..<folds).contains(fold), "There is no fold \(fold) of \(folds).")
        precondition(validationShare > 0 && validationShare < 1, "A share is between 0 and 1.")
        // The first folds get one more where the division leaves a rest, as numpy.array_split has it.
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
