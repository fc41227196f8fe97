import DataFiles

extension WeightMatrix {
    /// A view of consecutive rows.
    ///
    /// - Precondition: the rows are in the matrix.
    public func rows(_ range: Range<Int>) -> WeightMatrix {
        precondition(
            !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= rows,
            "The matrix has \(rows) rows; there are no rows \(range).")
        return WeightMatrix(
            rows: range.count, columns: columns, format: format,
            bytes: UnsafeRawBufferPointer(start: row(range.lowerBound), count: range.count * bytesPerRow),
            owner: owner)
    }

    /// Views of consecutive matrices with `count` rows each.
    ///
    /// - Precondition: `count` divides the number of rows.
    public func split(by count: Int) -> [WeightMatrix] {
        precondition(count > 0 && rows % count == 0, "\(rows) rows can't be split by \(count).")
        return (0..<(rows / count)).map { rows(($0 * count)..<(($0 + 1) * count)) }
    }

    /// A copy of rows from several places, one after the other, in the same format; O(bytes).
    ///
    /// - Precondition: the rows are in the matrix.
    public func gathering(_ ranges: [Range<Int>]) -> WeightMatrix {
        let count = ranges.reduce(0) { $0 + $1.count }
        let bytes = OwnedBytes(count: count * bytesPerRow)
        var target = bytes.start
        for range in ranges {
            precondition(
                range.lowerBound >= 0 && range.upperBound <= rows,
                "The matrix has \(rows) rows; there are no rows \(range).")
            target.copyMemory(from: row(range.lowerBound), byteCount: range.count * bytesPerRow)
            target += range.count * bytesPerRow
        }
        return WeightMatrix(rows: count, columns: columns, format: format, bytes: bytes.buffer, owner: bytes)
    }

    /// A copy of Wᵀ as float32, [columns, rows]; O(elements).
    public func transposed() -> WeightMatrix {
        let whole = unpacked()
        var elements = [Float](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            for column in 0..<columns { elements[column * rows + row] = whole.elements[row * columns + column] }
        }
        return WeightMatrix(rows: columns, columns: rows, elements: elements)
    }

    /// Whether two matrices have the same shape, format and bytes; O(bytes).
    public func hasSameBytes(as other: WeightMatrix) -> Bool {
        guard rows == other.rows, columns == other.columns, format == other.format else { return false }
        let mine = UnsafeRawBufferPointer(start: row(0), count: byteCount)
        return mine.elementsEqual(UnsafeRawBufferPointer(start: other.row(0), count: byteCount))
    }
}

/// Bytes that a ``WeightMatrix`` owns.
final class OwnedBytes: @unchecked Sendable {
    // Unchecked because of the address: the bytes are written before anyone else gets them.
    let start: UnsafeMutableRawPointer
    private let count: Int

    init(count: Int) {
        self.count = count
        start = .allocate(byteCount: max(count, 1), alignment: 64)
    }

    var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    deinit { start.deallocate() }
}
