import Transformer

/// A comparison of the change of one target in a run with plain arithmetic on the same values.
struct TargetComparison {
    /// The smallest signed cosine between the two changes, at positions that changed and should have.
    ///
    /// It is 0 if there are no such positions, and nil if nothing should have changed.
    var cosine: Double?
    /// The mean length of the change at those positions, and the expected mean length.
    var length = 0.0
    var expectedLength = 0.0
    /// The positions that changed, and those that should have, for each text.
    var positions: [[Int]] = []
    var expectedPositions: [[Int]] = []
    /// The change at the first position that changed and should have, and the expected change there.
    var change: [Double] = []
    var expectedChange: [Double] = []
    /// The largest length of the values.
    private var scale = 0.0
    private var count = 0
    private var showsAnywhere = false
    /// Whether the values agree everywhere, up to float32's rounding.
    var agrees = true

    /// Adds a text by its target's values before the edits, as found, and as expected, each [positions][n].
    ///
    /// - Parameter concerned: the positions at which an edit should have been made.
    mutating func add(before: [[Double]], found: [[Double]], expected: [[Double]], concerned: [Bool]) {
        var (changed, wanted) = ([Int](), [Int]())
        for position in before.indices {
            let change = zip(found[position], before[position]).map { $0 - $1 }
            let expectedChange = zip(expected[position], before[position]).map { $0 - $1 }
            let size = norm(before[position]) + norm(expected[position])
            let length = norm(change)
            let expectedLength = norm(expectedChange)
            scale = max(scale, size)
            if norm(zip(change, expectedChange).map { $0 - $1 }) > 1e-4 * expectedLength + 1e-5 * size {
                agrees = false
            }
            if length > 0 { changed.append(position) }
            // A change that is lost to rounding can't be required.
            let shows = concerned[position] && expectedLength > 1e-5 * size
            if shows || (concerned[position] && length > 0) { wanted.append(position) }
            guard shows else { continue }
            showsAnywhere = true
            guard length > 0 else { continue }
            if count == 0 { (self.change, self.expectedChange) = (change, expectedChange) }
            count += 1
            self.length += length
            self.expectedLength += expectedLength
            cosine = min(cosine ?? 1, Intervention.cosine(change, expectedChange))
        }
        positions.append(changed)
        expectedPositions.append(wanted)
    }

    /// Takes means after all texts were added.
    mutating func finish() {
        if showsAnywhere, cosine == nil { cosine = 0 }
        length /= Double(max(count, 1))
        expectedLength /= Double(max(count, 1))
    }

    /// The share of the expected length that is lost to float32's rounding.
    private var rounding: Double { expectedLength > 0 ? 1e-6 * scale / expectedLength : 0 }

    /// Whether the direction and the sign are as expected.
    var hasDirection: Bool { cosine.map { $0 >= 1 - 1e-4 - rounding } ?? true }
    /// Whether the length is as expected.
    var hasLength: Bool {
        if showsAnywhere, count == 0 { return false }
        return abs(length - expectedLength) <= (1e-3 + rounding) * max(expectedLength, length)
    }
}
