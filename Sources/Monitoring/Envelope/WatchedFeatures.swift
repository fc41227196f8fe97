import TensorCore
import Transformer

/// The values of a forward pass that an envelope describes.
enum WatchedFeatures: Sendable {
    /// z of every query head.
    case headOutputs
    /// What each block adds to the residual stream as a whole, the difference of the streams after and before it; a
    /// detector by layers looks at this.
    case residualDifferences

    func layers(_ c: ModelConfiguration) -> Int { c.layers }

    /// How many vectors a layer has.
    func heads(_ c: ModelConfiguration) -> Int { self == .headOutputs ? c.heads : 1 }

    /// The number of values in each vector.
    func size(_ c: ModelConfiguration) -> Int { self == .headOutputs ? c.headSize : c.width }

    func reads(_ c: ModelConfiguration, at rule: PositionRule) -> [Read] {
        switch self {
        case .headOutputs: (0..<c.layers).map { Read(.z($0), at: rule) }
        case .residualDifferences:
            (0..<c.layers).map { Read(.residualPre($0), at: rule) } + [Read(.residualPost(c.layers - 1), at: rule)]
        }
    }

    /// The values of each layer, [positions, heads · size], without the positions before `first`.
    ///
    /// - Parameter reads: what ``reads(_:at:)`` asked for.
    func values(_ reads: some Collection<ReadResult>, first: Int) -> [Matrix] {
        let dropped = reads.first?.positions.count { $0 < first } ?? 0
        let matrices = reads.map { $0.values.dropping(rows: dropped) }
        switch self {
        case .headOutputs: return matrices
        case .residualDifferences:
            return zip(matrices, matrices.dropFirst()).map { before, after in
                Matrix(
                    rows: before.rows, columns: before.columns,
                    elements: zip(after.elements, before.elements).map { $0 - $1 })
            }
        }
    }
}

extension Matrix {
    /// The matrix without its first rows.
    func dropping(rows dropped: Int) -> Matrix {
        dropped == 0
            ? self
            : Matrix(rows: rows - dropped, columns: columns, elements: Array(elements[(dropped * columns)...]))
    }
}
