/// One row of a pass: one position of one sequence.
struct PassRow {
    /// The index of the step that the row belongs to.
    var step: Int
    var position: Int
    var token: Int
    var promptCount: Int

    var place: EditPlace { EditPlace(position: position, token: token, promptCount: promptCount) }

    func matches(_ rule: PositionRule) -> Bool {
        rule.contains(position: position, token: token, promptCount: promptCount)
    }
}

/// Consecutive rows of a pass that are consecutive positions of one sequence.
struct PassSegment {
    var step: Int
    /// The rows of the pass.
    var rows: Range<Int>
    /// The position of the first row.
    var position: Int
}
