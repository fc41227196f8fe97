import DataFiles
import TensorCore

/// Digests of a matrix's rows and columns, which tell a matrix with its rows in another order from one with other
/// values.
struct LineDigests {
    private(set) var rows: [UInt64] = []
    private(set) var columns: [UInt64]

    init(columns: Int) { self.columns = [UInt64](repeating: Self.start, count: columns) }

    private static let start: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let factor: UInt64 = 0x100_0000_01B3

    /// Adds a row.
    mutating func add(_ row: [Float]) {
        precondition(row.count == columns.count, "A row has as many values as there are columns.")
        var digest = Self.start
        columns.withUnsafeMutableBufferPointer { columns in
            for i in columns.indices {
                let bits = UInt64(row[i].bitPattern) &* 0x9E37_79B9_7F4A_7C15
                digest = (digest ^ bits) &* Self.factor
                digest ^= digest >> 29
                columns[i] = (columns[i] ^ bits) &* Self.factor
                columns[i] ^= columns[i] >> 29
            }
        }
        rows.append(digest)
    }

    /// The order in which the second list has the lines of the first: line i is found at `order[i]`.
    ///
    /// Nil if one of them isn't found, or the order is the same.
    static func order(of first: [UInt64], in second: [UInt64]) -> [Int]? {
        guard first.count == second.count, first != second else { return nil }
        var places: [UInt64: [Int]] = [:]
        for (index, digest) in second.enumerated().reversed() { places[digest, default: []].append(index) }
        var order: [Int] = []
        for digest in first {
            // Among equal lines, the first one that isn't taken yet.
            guard let place = places[digest]?.popLast() else { return nil }
            order.append(place)
        }
        return order
    }
}
