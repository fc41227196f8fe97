import TensorCore
import Transformer

/// How far weights that belong to no head changed: norms, MLPs, embeddings.
public struct TensorChange: Sendable, Codable, Equatable {
    /// The tensor's name, such as `layer 3 mlp down`.
    public var name: String
    /// ‖B − A‖ / ‖A‖.
    public var change: Double
    /// Whether the change is more than rounding to both formats explains.
    public var isChanged: Bool
    /// Whether B has the same rows or columns in another order.
    public var isReordered: Bool
    /// The formats of both; `F32` for vectors.
    public var formats: OfBoth<String>
}

extension TensorChange {
    /// - Parameter name: the name of both tensors.
    /// - Throws: `InputError` if a weight is NaN or infinite.
    init(_ name: String, _ first: WeightMatrix, _ second: WeightMatrix, places: OfBoth<String>) throws {
        // One of the vocabularies can have more rows.
        let rows = min(first.rows, second.rows)
        let matrices = OfBoth(a: first.rows(0..<rows), b: second.rows(0..<rows))
        let reader = RowReader(matrices, places: places.map { "\($0): \(name)" })
        var (square, change, used, same) = (0.0, 0.0, 0, 0)
        for row in 0..<rows {
            try reader.read(OfBoth(a: row, b: row))
            var (ownSquare, own) = (0.0, 0.0)
            for (x, y) in zip(reader.rows.a, reader.rows.b) {
                ownSquare += Double(x) * Double(x)
                own += (Double(y) - Double(x)) * (Double(y) - Double(x))
            }
            square += ownSquare
            change += own
            if ownSquare > 0 { used += 1 }
            if ownSquare > 0, own == 0 { same += 1 }
        }
        let digests = reader.digests
        isReordered =
            LineDigests.order(of: digests.a.rows, in: digests.b.rows) != nil
            || LineDigests.order(of: digests.a.columns, in: digests.b.columns) != nil
        self.name = name
        self.change = square > 0 ? (change / square).squareRoot() : (change > 0 ? 1 : 0)
        // Rounding leaves hardly a row as it was, except rows of few values.
        let floor = 10 * same > used ? 0 : RoundingFloor.most(OfBoth(a: first.format, b: second.format))
        isChanged = self.change > floor && !isReordered
        formats = OfBoth(a: first.format.name, b: second.format.name)
    }

    init(_ name: String, _ first: [Float], _ second: [Float]) {
        let square = first.reduce(0) { $0 + Double($1) * Double($1) }
        let change = zip(first, second).reduce(0) {
            $0 + (Double($1.1) - Double($1.0)) * (Double($1.1) - Double($1.0))
        }
        self.name = name
        self.change = square > 0 ? (change / square).squareRoot() : (change > 0 ? 1 : 0)
        isReordered = false
        // Norms and biases aren't quantised.
        isChanged = self.change > 1e-6
        formats = OfBoth(a: "F32", b: "F32")
    }

    /// The weights of both models outside attention, in their order; weights that only one model has count as changed.
    static func all(_ pair: ModelPair, layer: Int?) throws -> [TensorChange] {
        let weights = pair.models.map { layer.map($0.otherWeights) ?? $0.sharedWeights }
        let places = pair.models.map(\.checkpoint.path)
        let others = Dictionary(weights.b.map { ($0.name, $0.content) }) { first, _ in first }
        var changes = try weights.a.map { own -> TensorChange in
            switch (own.content, others[own.name]) {
            case (.matrix(let first), .matrix(let second)?) where first.columns == second.columns:
                return try TensorChange(own.name, first, second, places: places)
            case (.vector(let first), .vector(let second)?) where first.count == second.count:
                return TensorChange(own.name, first, second)
            default: return TensorChange(missing: own.name)
            }
        }
        let known = Set(weights.a.map(\.name))
        changes += weights.b.filter { !known.contains($0.name) }.map { TensorChange(missing: $0.name) }
        return changes
    }

    /// A tensor that one of the models doesn't have.
    private init(missing name: String) {
        self.name = name
        (change, isChanged, isReordered) = (1, true, false)
        formats = OfBoth(a: "", b: "")
    }
}
