import TensorCore

/// The experts that the rows of a pass take, grouped by expert, in memory that is kept from one layer to the next.
package final class ExpertChoices {
    private let memory = FloatBuffer()
    private var experts = 0
    /// The total number of choices.
    private var all = 0

    /// Chooses the experts of some rows.
    ///
    /// - Parameter scores: the router's score of each expert, [rows, experts]; overwritten.
    package func choose(_ description: ExpertsDescription, _ scores: UnsafeMutablePointer<Float>, rows: Int) {
        experts = description.count
        let taken = description.perToken
        memory.reserve(experts + 1 + 4 * rows * taken)
        all = rows * taken
        let (chosen, weights) = (entries(0, all), values(1, all))
        begins.update(repeating: 0, count: experts + 1)
        for row in 0..<rows {
            description.choose(
                scores + row * experts, experts: chosen + row * taken, weights: weights + row * taken)
            for place in 0..<taken { begins[Int(chosen[row * taken + place]) + 1] += 1 }
        }
        for expert in 0..<experts { begins[expert + 1] += begins[expert] }
        // Rows stay in order; an expert's filled part ends where the next expert's begins.
        for row in 0..<rows {
            for place in 0..<taken {
                let from = row * taken + place
                let expert = Int(chosen[from])
                let to = Int(begins[expert])
                entries(2, all)[to] = Int32(truncatingIfNeeded: row)
                values(3, all)[to] = weights[from]
                begins[expert] += 1
            }
        }
    }

    /// The number of an expert's rows.
    package func count(of expert: Int) -> Int { end(expert) - begin(expert) }

    /// One of the rows that take an expert, and the expert's weight there.
    package func entry(_ index: Int, of expert: Int) -> (row: Int, weight: Float) {
        let place = begin(expert) + index
        return (Int(entries(2, all)[place]), values(3, all)[place])
    }

    // After filling, `begins` holds an expert's end where its beginning was.
    private func begin(_ expert: Int) -> Int { expert == 0 ? 0 : Int(begins[expert - 1]) }
    private func end(_ expert: Int) -> Int { Int(begins[expert]) }

    private var begins: UnsafeMutablePointer<Int32> {
        UnsafeMutableRawPointer(memory.pointer).assumingMemoryBound(to: Int32.self)
    }

    private func values(_ part: Int, _ count: Int) -> UnsafeMutablePointer<Float> {
        memory.pointer + experts + 1 + part * count
    }

    private func entries(_ part: Int, _ count: Int) -> UnsafeMutablePointer<Int32> {
        UnsafeMutableRawPointer(values(part, count)).assumingMemoryBound(to: Int32.self)
    }
}

extension ExpertsDescription {
    /// Chooses the experts that a row takes and their weights, in the order of their numbers. O(experts · taken)
    ///
    /// - Parameters:
    ///   - scores: the router's score of each expert, overwritten. If scores are equal, the first expert is taken.
    ///   - experts: room for as many as a row takes; the same for `weights`.
    func choose(
        _ scores: UnsafeMutablePointer<Float>, experts: UnsafeMutablePointer<Int32>,
        weights: UnsafeMutablePointer<Float>
    ) {
        for place in 0..<perToken {
            var best = -1
            for expert in 0..<count where best < 0 || scores[expert] > scores[best] {
                if (0..<place).allSatisfy({ experts[$0] != expert }) { best = expert }
            }
            experts[place] = Int32(truncatingIfNeeded: best)
        }
        var chosen = UnsafeMutableBufferPointer(start: experts, count: perToken)
        chosen.sort()
        if weighting == .overAll { Elementwise.softmax(scores, count: count) }
        for place in 0..<perToken { weights[place] = scores[Int(experts[place])] }
        if weighting == .overChosen { Elementwise.softmax(weights, count: perToken) }
    }
}
