import DataFiles
import TensorCore
import Transformer

/// One look at a projection of one layer in both models: everything that is asked of its weights, with each weight read
/// once.
struct ProjectionPass {
    /// The number of heads: query heads for W_Q and W_O, else key-value heads.
    let heads: Int
    /// ⟨A_i, B_j⟩ of heads' parts, [heads, heads].
    private(set) var products: [Double]
    /// ‖A_i‖² and ‖B_j‖².
    private(set) var squares: OfBoth<[Double]>
    /// ‖A_i − B_i‖², not computed from the products, in which small changes are lost.
    private(set) var changes: [Double]
    /// The squared length of each head's change along its known direction, θ̂ᵀΔ or Δθ̂; 0 for heads without one.
    private(set) var alongDirection: [Double]
    /// Whether the whole matrix has the same values.
    var isSame: Bool { changes.allSatisfy { $0 == 0 } }
    /// The order in which B has A's rows, or for W_O its columns, if they are the same lines in another order.
    private(set) var order: [Int]?
    let formats: OfBoth<WeightFormat>

    /// The most rows in memory at a time, for each model.
    private static let rowsTogether = 32

    /// - Parameter directions: unit vectors in z, for W_O by query head, for W_V by key-value head.
    /// - Throws: `InputError` if a weight is NaN or infinite.
    init(
        _ pair: ModelPair, _ projection: AttentionProjection, layer: Int, directions: [Int: [Double]] = [:]
    ) throws {
        let c = pair.configuration
        let isOutput = projection == .output
        let size = c.headSize
        heads = projection == .query || isOutput ? c.heads : c.kvHeads
        products = [Double](repeating: 0, count: heads * heads)
        squares = OfBoth(a: [Double](repeating: 0, count: heads), b: [Double](repeating: 0, count: heads))
        changes = [Double](repeating: 0, count: heads)
        alongDirection = [Double](repeating: 0, count: heads)
        let matrices = pair.models.map { $0.weights(of: projection, layer: layer) }
        formats = matrices.map(\.format)
        let reader = RowReader(
            matrices,
            places: pair.models.map {
                "\($0.checkpoint.path): the \(projection.rawValue) projection of layer \(layer)"
            })
        if isOutput {
            try readColumns(reader, size: size, directions)
        } else {
            try readRows(reader, size: size, directions) { value, head in
                pair.models.map { $0.row(of: value, head: head, in: projection) }
            }
        }
        let digests = reader.digests
        let lines = isOutput ? digests.map(\.columns) : digests.map(\.rows)
        // Rows were read value by value; in the order they go head by head.
        order = LineDigests.order(
            of: isOutput ? lines.a : Self.byHead(lines.a, heads: heads),
            in: isOutput ? lines.b : Self.byHead(lines.b, heads: heads))
    }

    private static func byHead(_ lines: [UInt64], heads: Int) -> [UInt64] {
        let size = lines.count / heads
        return (0..<lines.count).map { lines[$0 % size * heads + $0 / size] }
    }

    /// W_Q, W_K, W_V: value d of all heads together, for each d.
    private mutating func readRows(
        _ reader: RowReader, size: Int, _ directions: [Int: [Double]],
        _ place: (_ value: Int, _ head: Int) -> OfBoth<Int>
    ) throws {
        let columns = reader.columns
        var along = directions.mapValues { _ in [Double](repeating: 0, count: columns) }
        for value in 0..<size {
            var block = OfBoth(a: [Double](), b: [Double]())
            for head in 0..<heads {
                try reader.read(place(value, head))
                let (a, b) = (reader.rows.a.map(Double.init), reader.rows.b.map(Double.init))
                add(a, b, head: head)
                if let direction = directions[head] {
                    for i in 0..<columns { along[head]?[i] += direction[value] * (b[i] - a[i]) }
                }
                block.a += a
                block.b += b
            }
            RowProducts.add(block.a, block.b, columns: columns, to: &products)
        }
        for (head, vector) in along { alongDirection[head] = vector.reduce(0) { $0 + $1 * $1 } }
    }

    /// W_O: the columns of all heads, some rows at a time.
    private mutating func readColumns(_ reader: RowReader, size: Int, _ directions: [Int: [Double]]) throws {
        var start = 0
        while start < reader.rowCount {
            let count = min(Self.rowsTogether, reader.rowCount - start)
            var block = OfBoth(
                a: [Double](repeating: 0, count: heads * count * size),
                b: [Double](repeating: 0, count: heads * count * size))
            for row in 0..<count {
                try reader.read(OfBoth(a: start + row, b: start + row))
                for head in 0..<heads {
                    let range = head * size..<(head + 1) * size
                    let (a, b) = (reader.rows.a[range].map(Double.init), reader.rows.b[range].map(Double.init))
                    add(a, b, head: head)
                    if let direction = directions[head] {
                        let along = zip(direction, zip(a, b)).reduce(0) { $0 + $1.0 * ($1.1.1 - $1.1.0) }
                        alongDirection[head] += along * along
                    }
                    let place = (head * count + row) * size
                    block.a.replaceSubrange(place..<place + size, with: a)
                    block.b.replaceSubrange(place..<place + size, with: b)
                }
            }
            RowProducts.add(block.a, block.b, columns: count * size, to: &products)
            start += count
        }
    }

    private mutating func add(_ a: [Double], _ b: [Double], head: Int) {
        var (first, second, change) = (0.0, 0.0, 0.0)
        for i in a.indices {
            first += a[i] * a[i]
            second += b[i] * b[i]
            change += (b[i] - a[i]) * (b[i] - a[i])
        }
        squares.a[head] += first
        squares.b[head] += second
        changes[head] += change
    }

    /// The cosine between A's head i and B's head j.
    func cosine(_ i: Int, _ j: Int) -> Double {
        let norms = (squares.a[i] * squares.b[j]).squareRoot()
        return norms > 0 ? products[i * heads + j] / norms : (squares.a[i] == squares.b[j] ? 1 : 0)
    }

    /// Whether some head is bit for bit as it was: then no format has rounded the matrix.
    var isUnrounded: Bool { (0..<heads).contains { changes[$0] == 0 && squares.a[$0] > 0 } }

    /// Whether the difference between A's head i and B's head j has a form that rounding never has.
    ///
    /// It differs in length alone, or most of the difference lies along the head's known direction.
    func isNoRounding(_ i: Int, _ j: Int) -> Bool {
        guard order == nil, change(i, j) > 1e-6 else { return false }
        return 1 - cosine(i, j) < 1e-9 || (i == j && alongDirection[i] > changes[i] / 2)
    }

    /// ‖B_j − A_i‖ / ‖A_i‖.
    func change(_ i: Int, _ j: Int) -> Double {
        let square =
            i == j ? changes[i] : max(0, squares.a[i] + squares.b[j] - 2 * products[i * heads + j])
        if square == 0 { return 0 }
        return squares.a[i] > 0 ? (square / squares.a[i]).squareRoot() : 1
    }
}
