import DataFiles

/// Which of n things goes with which of n others, so that the sum of their scores is largest: the Hungarian method
/// (Kuhn 1955) with potentials, O(n³).
enum Assignment {
    /// - Parameter scores: [n][n], the score of each thing with each other one.
    /// - Returns: for each thing, the one that it goes with.
    static func best(_ scores: [[Double]]) -> [Int] {
        let n = scores.count
        guard n > 0 else { return [] }
        precondition(scores.allSatisfy { $0.count == n }, "Each thing has a score with each of as many others.")
        // Shortest augmenting paths on costs −score; row and column 0 stand for none.
        var rowPotential = [Double](repeating: 0, count: n + 1)
        var columnPotential = [Double](repeating: 0, count: n + 1)
        var rowOfColumn = [Int](repeating: 0, count: n + 1)
        for row in 1...n {
            var previous = [Int](repeating: 0, count: n + 1)
            var least = [Double](repeating: .infinity, count: n + 1)
            var isUsed = [Bool](repeating: false, count: n + 1)
            rowOfColumn[0] = row
            var column = 0
            repeat {
                isUsed[column] = true
                let current = rowOfColumn[column]
                var (delta, next) = (Double.infinity, 0)
                for candidate in 1...n where !isUsed[candidate] {
                    let cost =
                        -scores[current - 1][candidate - 1] - rowPotential[current] - columnPotential[candidate]
                    if cost < least[candidate] {
                        least[candidate] = cost
                        previous[candidate] = column
                    }
                    if least[candidate] < delta {
                        delta = least[candidate]
                        next = candidate
                    }
                }
                for candidate in 0...n {
                    if isUsed[candidate] {
                        rowPotential[rowOfColumn[candidate]] += delta
                        columnPotential[candidate] -= delta
                    } else {
                        least[candidate] -= delta
                    }
                }
                column = next
            } while rowOfColumn[column] != 0
            repeat {
                let before = previous[column]
                rowOfColumn[column] = rowOfColumn[before]
                column = before
            } while column != 0
        }
        var result = [Int](repeating: 0, count: n)
        for column in 1...n { result[rowOfColumn[column] - 1] = column - 1 }
        return result
    }
}
