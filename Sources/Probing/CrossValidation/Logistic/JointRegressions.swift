import Directions
import TensorCore

/// Logistic regressions (as ``logisticRegression``) on parts of one head's rows, in float32, with their common products
/// computed at once.
///
/// Every step of every regression needs the products of all rows with its direction, and of the residuals with all
/// rows: two matrix products for all regressions together. Steps are those of L-BFGS, and their length is found from
/// the slope alone, which needs no product. O(regressions × rows × columns) per step.
struct JointRegressions {
    private struct Fit {
        /// The weights, then the intercept.
        var parameters: [Double]
        var gradient: [Double] = []
        var history = LimitedMemoryBFGS()
        var state = State.searching
    }

    private enum State { case searching, done, failed }

    private let rows: LogisticRows
    private var fits: [Fit]
    /// For each regression, 1 for the rows that it is fitted to, else 0, [fits, stride].
    private let masks: FloatBuffer
    /// For each regression, 1 for those rows that are of the class `true`, else 0, [fits, stride].
    private let targets: FloatBuffer
    /// w · x + b of every row, [fits, stride].
    private let scores: FloatBuffer
    /// p − y of every row that a regression is fitted to, 0 for the others; for the regressions that still search,
    /// [searching, stride].
    private let residuals: FloatBuffer
    /// The changes of the scores by a step, [searching, stride].
    private let changes: FloatBuffer

    private var stride: Int { rows.stride }
    private var searching: [Int] { fits.indices.filter { fits[$0].state == .searching } }

    func isSearching(_ fit: Int) -> Bool { fits[fit].state == .searching }

    /// Whether no regression is left to work on.
    var isFinished: Bool { fits.allSatisfy { $0.state != .searching } }

    /// - Parameters:
    ///   - labels: the labels of the rows, in the order of `rows`.
    ///   - leftOut: the rows that each regression isn't fitted to.
    ///   - start: the weights and intercept that all regressions begin with.
    init(_ rows: LogisticRows, labels: [Bool], leavingOut leftOut: [Range<Int>], start: [Double]) {
        self.rows = rows
        let stride = rows.stride
        func buffer() -> FloatBuffer {
            let buffer = FloatBuffer(capacity: leftOut.count * stride)
            buffer.pointer.update(repeating: 0, count: buffer.capacity)
            return buffer
        }
        (masks, targets, scores, residuals, changes) = (buffer(), buffer(), buffer(), buffer(), buffer())
        fits = leftOut.map { _ in Fit(parameters: start) }
        rows.score([start], into: scores.pointer)
        let numbers = labels.map { $0 ? Float(1) : 0 }
        for (fit, leftOut) in leftOut.enumerated() {
            let (mask, target) = (masks.pointer + fit * stride, targets.pointer + fit * stride)
            mask.update(repeating: 1, count: rows.count)
            (mask + leftOut.lowerBound).update(repeating: 0, count: leftOut.count)
            target.update(from: numbers, count: rows.count)
            (target + leftOut.lowerBound).update(repeating: 0, count: leftOut.count)
            if fit > 0 { (scores.pointer + fit * stride).update(from: scores.pointer, count: stride) }
            let trues = labels.count { $0 } - labels[leftOut].count { $0 }
            if trues == 0 || trues == rows.count - leftOut.count { fits[fit].state = .failed }
        }
        let active = searching
        for (slot, fit) in active.enumerated() { fillResiduals(fit, slot, from: scores.pointer + fit * stride) }
        for (fit, gradient) in zip(active, gradients(active)) { fits[fit].gradient = gradient }
    }

    /// The weights and intercept; nil for a regression that didn't converge or has only one class.
    func parameters(_ fit: Int) -> [Double]? { fits[fit].state == .done ? fits[fit].parameters : nil }

    /// The weights and intercept that a regression has reached.
    func current(_ fit: Int) -> [Double] { fits[fit].parameters }

    /// p (1 − p) of all rows, by one regression.
    func curvatureWeights(_ fit: Int) -> [Float] {
        var probabilities = Array(UnsafeBufferPointer(start: scores.pointer + fit * stride, count: rows.count))
        Elementwise.logistic(&probabilities, count: rows.count)
        return probabilities.map { $0 * (1 - $0) }
    }

    /// Takes some steps of every regression that still searches.
    /// - Parameters:
    ///   - curvatures: roughly the curvature of each regression; nil gives the regression up.
    ///   - tolerance: a regression ends at a slope of less than this × min(½ ‖w‖², 1).
    mutating func descend(_ curvatures: [LogisticCurvature?], steps: Int, tolerance: Double) {
        for fit in fits.indices { fits[fit].history = LimitedMemoryBFGS() }
        for _ in 0..<steps where !isFinished { step(curvatures, tolerance) }
    }

    private mutating func step(_ curvatures: [LogisticCurvature?], _ tolerance: Double) {
        var (active, steps, slopes) = ([Int](), [[Double]](), [Double]())
        for fit in searching {
            guard let curvature = curvatures[fit] else {
                fits[fit].state = .failed
                continue
            }
            let step = fits[fit].history.step(fits[fit].gradient) { curvature.solving($0) }
            let slope = dot(fits[fit].gradient, step)
            let weights = fits[fit].parameters.dropLast()
            // A slope of s leaves the loss some s / 2 above its minimum, which is at least ½ ‖w‖².
            if slope.isFinite, abs(slope) <= tolerance * max(min(dot(weights, weights) / 2, 1), 1e-6) {
                fits[fit].state = .done
            } else if slope > 0, slope.isFinite {
                active.append(fit)
                steps.append(step)
                slopes.append(slope)
            } else {
                fits[fit].state = .failed
            }
        }
        guard !active.isEmpty else { return }
        rows.score(steps, into: changes.pointer)
        for (slot, fit) in active.enumerated() {
            let length = search(fit, slot, steps[slot], slopes[slot])
            Elementwise.add(
                -Float(length), times: changes.pointer + slot * stride, to: scores.pointer + fit * stride,
                count: stride)
            steps[slot] = steps[slot].map { -length * $0 }
            fits[fit].parameters.add(steps[slot][...])
        }
        for (slot, gradient) in gradients(active).enumerated() {
            let fit = active[slot]
            fits[fit].history.append(step: steps[slot], change: zip(gradient, fits[fit].gradient).map { $0 - $1 })
            fits[fit].gradient = gradient
        }
    }

    /// How far to go: 1 unless the slope turns and is steeper than half of what it was; then by false position, which
    /// suits the slope of a convex function.
    ///
    /// Leaves the residuals at that point.
    private func search(_ fit: Int, _ slot: Int, _ step: [Double], _ slope: Double) -> Double {
        let (weights, own) = (fits[fit].parameters.dropLast(), step.dropLast())
        let (across, squared) = (dot(weights, own), dot(own, own))
        let (change, residuals) = (changes.pointer + slot * stride, residuals.pointer + slot * stride)
        var (low, high) = ((length: 0.0, slope: -slope), (length: 1.0, slope: 0.0))
        var length = 1.0
        for _ in 0..<25 {
            residuals.update(from: scores.pointer + fit * stride, count: stride)
            Elementwise.add(-Float(length), times: change, to: residuals, count: stride)
            fillResiduals(fit, slot, from: residuals)
            let sum = Elementwise.dot(residuals, change, count: stride)
            // The derivative with respect to the length, of a function that falls at first.
            let current = -(Double(sum) + across - length * squared)
            if current <= 0.5 * slope && (current >= -0.5 * slope || length == 1) { break }
            if current > 0 { high = (length, current) } else { low = (length, current) }
            let share = -low.slope / (high.slope - low.slope)
            length = low.length + (high.length - low.length) * min(max(share, 0.1), 0.9)
        }
        return length
    }

    /// Sets p − y from scores for the rows that the regression is fitted to, and 0 for the others.
    private func fillResiduals(_ fit: Int, _ slot: Int, from scores: UnsafeMutablePointer<Float>) {
        let residuals = residuals.pointer + slot * stride
        if residuals != scores { residuals.update(from: scores, count: stride) }
        Elementwise.logistic(residuals, count: stride)
        let (mask, target) = (masks.pointer + fit * stride, targets.pointer + fit * stride)
        for row in 0..<stride { residuals[row] = mask[row] * residuals[row] - target[row] }
    }

    /// The gradients of the regressions `active`, from the residuals.
    private func gradients(_ active: [Int]) -> [[Double]] {
        let (sums, size) = (rows.weightedSums(residuals.pointer, vectors: active.count), rows.size)
        return active.enumerated().map { slot, fit in
            var gradient = sums[slot * size..<(slot + 1) * size].map { Double($0) }
            for column in 0..<rows.columns { gradient[column] += fits[fit].parameters[column] }
            return gradient
        }
    }
}
