import Transformer

/// How far what a run did to one target is from what plain arithmetic makes of the same values.
struct TargetComparison {
    /// The least signed cosine between both changes at a position that changed and should have, 0 if there is none; nil where
    /// nothing was to change.
    var cosine: Double?
    /// The mean length of the change at those positions, and what it should be.
    var length = 0.0
    var expectedLength = 0.0
    /// For each text the positions that changed, and that should have.
    var positions: [[Int]] = []
    var expectedPositions: [[Int]] = []
    /// The change at the first position that was to change, and what it should be.
    var change: [Double] = []
    var expectedChange: [Double] = []
    /// The largest length of the values there.
    private var scale = 0.0
    private var count = 0
    private var showsAnywhere = false
    /// Whether the values agree everywhere but for float32's rounding.
    var agrees = true

    /// Adds a text: the target's values [positions][n] before, as they were found, and as they should be.
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
            // A change that rounding swallows can't be asked for.
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

    /// Takes means, when all texts were added.
    mutating func finish() {
        if showsAnywhere, cosine == nil { cosine = 0 }
        length /= Double(max(count, 1))
        expectedLength /= Double(max(count, 1))
    }

    /// What of the change's length float32 can't tell.
    private var rounding: Double { expectedLength > 0 ? 1e-6 * scale / expectedLength : 0 }

    /// Whether the direction and the sign are as they should be.
    var hasDirection: Bool { cosine.map { $0 >= 1 - 1e-4 - rounding } ?? true }
    /// Whether the length is.
    var hasLength: Bool {
        if showsAnywhere, count == 0 { return false }
        return abs(length - expectedLength) <= (1e-3 + rounding) * max(expectedLength, length)
    }
}
