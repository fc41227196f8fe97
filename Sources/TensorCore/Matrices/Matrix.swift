import DataFiles

/// A row-major float32 matrix with value semantics.
public struct Matrix: Sendable, Equatable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// The elements, row after row: element (r, c) is `elements[r * columns + c]`.
    public var elements: [Float]

    /// A matrix of zeros.
    ///
    /// - Precondition: neither number is negative.
    public init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "A matrix can't have \(rows) rows and \(columns) columns.")
        self.rows = rows
        self.columns = columns
        self.elements = [Float](repeating: 0, count: rows * columns)
    }

    /// A matrix of given elements, row after row.
    ///
    /// - Precondition: rows × columns elements.
    public init(rows: Int, columns: Int, elements: [Float]) {
        precondition(
            elements.count == rows * columns,
            "A matrix of \(rows) × \(columns) needs \(rows * columns) elements, not \(elements.count).")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// One element.
    ///
    /// - Precondition: the row and the column are in the matrix.
    public subscript(row: Int, column: Int) -> Float {
        get { elements[index(row, column)] }
        set { elements[index(row, column)] = newValue }
    }

    /// One row, [columns].
    ///
    /// - Precondition: the row is in the matrix.
    public func row(_ row: Int) -> ArraySlice<Float> {
        precondition(row >= 0 && row < rows, "The matrix has \(rows) rows; there is no row \(row).")
        return elements[(row * columns)..<((row + 1) * columns)]
    }

    private func index(_ row: Int, _ column: Int) -> Int {
        precondition(
            row >= 0 && row < rows && column >= 0 && column < columns,
            "The matrix is \(rows) × \(columns); there is no element (\(row), \(column)).")
        return row * columns + column
    }
}
