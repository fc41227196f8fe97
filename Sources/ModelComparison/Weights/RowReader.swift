import DataFiles
import TensorCore

/// Unpacks rows of two matrices of one shape, with one row of each in memory, and takes digests of the rows.
final class RowReader {
    private let matrices: OfBoth<WeightMatrix>
    private let places: OfBoth<String>
    /// The rows that were read last.
    private(set) var rows: OfBoth<[Float]>
    private(set) var digests: OfBoth<LineDigests>

    var rowCount: Int { matrices.a.rows }
    var columns: Int { matrices.a.columns }

    /// - Parameter places: the names of the matrices in errors.
    init(_ matrices: OfBoth<WeightMatrix>, places: OfBoth<String>) {
        precondition(
            matrices.a.rows == matrices.b.rows && matrices.a.columns == matrices.b.columns,
            "Only matrices of one shape can be compared.")
        self.matrices = matrices
        self.places = places
        let columns = matrices.a.columns
        rows = OfBoth(a: [Float](repeating: 0, count: columns), b: [Float](repeating: 0, count: columns))
        digests = OfBoth(a: LineDigests(columns: columns), b: LineDigests(columns: columns))
    }

    /// Reads one row of each matrix.
    ///
    /// - Throws: `InputError` if a weight is NaN or infinite.
    func read(_ row: OfBoth<Int>) throws {
        Self.unpack(matrices.a, row.a, into: &rows.a)
        Self.unpack(matrices.b, row.b, into: &rows.b)
        for model in ComparedModel.allCases where !rows[model].allSatisfy(\.isFinite) {
            throw InputError(
                .notFinite, "a weight that is NaN or infinite", in: places[model],
                remedy: "fetch or convert the model again")
        }
        digests.a.add(rows.a)
        digests.b.add(rows.b)
    }

    private static func unpack(_ matrix: WeightMatrix, _ row: Int, into values: inout [Float]) {
        values.withUnsafeMutableBufferPointer { values in
            if let start = values.baseAddress { matrix.unpack(row: row, into: start) }
        }
    }
}
