/// One row of a pass: one position of one sequence.
package struct PassRow: Sendable {
    /// The index of the step that the row belongs to.
    package var step: Int
    package var position: Int
    package var token: Int
    package var promptCount: Int

    package init(step: Int, position: Int, token: Int, promptCount: Int) {
        self.step = step
        self.position = position
        self.token = token
        self.promptCount = promptCount
    }

    package var place: EditPlace { EditPlace(position: position, token: token, promptCount: promptCount) }

    package func matches(_ rule: PositionRule) -> Bool {
        rule.contains(position: position, token: token, promptCount: promptCount)
    }
}

/// Consecutive rows of a pass that are consecutive positions of one sequence.
package struct PassSegment {
    package var step: Int
    /// The rows, as a range in the pass.
    package var rows: Range<Int>
    /// The position of the first row.
    package var position: Int

    package init(step: Int, rows: Range<Int>, position: Int) {
        self.step = step
        self.rows = rows
        self.position = position
    }
}
