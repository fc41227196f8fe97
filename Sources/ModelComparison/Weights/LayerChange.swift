import DataFiles
import TensorCore
import Transformer

/// What changed in one layer's attention.
struct LayerChange: Sendable {
    let layer: Int
    var heads: [HeadResult<HeadWeightChange>] = []
    var order: HeadOrder?
    var hasUnexplainedBias = false
    var formats: [String] = []
    /// ‖ΔW‖² and ‖W‖² of all matrices.
    var (change, square) = (0.0, 0.0)

    init(_ pair: ModelPair, layer: Int, directions: [Head: [Float]]) throws {
        self.layer = layer
        let c = pair.configuration
        let groups = c.headGroups
        var units: [Int: [Double]] = [:]
        for index in 0..<c.heads {
            guard let vector = directions[Head(layer: layer, index: index)]?.map(Double.init), norm(vector) > 0 else {
                continue
            }
            units[index] = vector.map { $0 / norm(vector) }
        }
        // A key-value head has the direction of its query head if that is the only one with a direction.
        var valueUnits: [Int: [Double]] = [:]
        for kv in 0..<c.kvHeads {
            let own = groups.heads(of: kv).compactMap { units[$0] }
            if own.count == 1 { valueUnits[kv] = own[0] }
        }
        var passes: [AttentionProjection: ProjectionPass] = [:]
        for projection in AttentionProjection.allCases {
            let pass = try ProjectionPass(
                pair, projection, layer: layer,
                directions: projection == .output ? units : projection == .value ? valueUnits : [:])
            passes[projection] = pass
            formats.append("\(projection.rawValue): \(pass.formats.a.name) and \(pass.formats.b.name)")
        }
        let matching = HeadMatching(layer: layer, passes, groups: groups)
        order = matching.order
        let inputBiases = InputBiases(pair, layer: layer)
        let bias = try Self.outputBias(pair, layer, passes[.output])
        hasUnexplainedBias = (bias?.unexplained ?? 0) > 0.5
        let output = bias.map { $0.heads.isEmpty } == false ? pair.models.a.outputProjection(layer: layer) : nil
        for index in 0..<c.heads {
            let kv = groups.kvHead(of: index)
            let (other, otherKV) = (matching.queryHeads[index], matching.kvHeads[kv])
            func part(_ projection: AttentionProjection, _ i: Int, _ j: Int) -> (change: Double, square: Double) {
                guard let pass = passes[projection], pass.order == nil else { return (0, 0) }
                return (pass.change(i, j), pass.squares.a[i])
            }
            let parts: [(name: String, change: Double, square: Double)] = [
                ("query", part(.query, index, other)), ("key", part(.key, kv, otherKV)),
                ("value", part(.value, kv, otherKV)), ("output", part(.output, index, other)),
            ].map { ($0.0, $0.1.change, $0.1.square) }
            let added = bias?.heads[index]
            let column = added.flatMap { added in output.map { Self.column($0, head: index, added) } } ?? 0
            let squares = parts.reduce(0) { $0 + $1.square }
            let changes = parts.reduce(column * column) { $0 + $1.change * $1.change * $1.square }
            let inputBias = inputBiases.change(query: (index, other), kv: (kv, otherKV))
            var changed: [String] = []
            for (part, (i, j)) in zip(parts, [(index, other), (kv, otherKV), (kv, otherKV), (index, other)]) {
                guard let pass = AttentionProjection(rawValue: part.name).flatMap({ passes[$0] }) else { continue }
                if part.change > Self.floor(pass) || pass.isNoRounding(i, j) { changed.append(part.name) }
            }
            if inputBias > 1e-6 { changed.append("inputBias") }
            if added != nil { changed.append("outputBias") }
            func along(_ projection: AttentionProjection, _ head: Int, _ unit: [Double]?) -> Double? {
                guard unit != nil, matching.order == nil, let pass = passes[projection], pass.changes[head] > 0 else {
                    return nil
                }
                return pass.alongDirection[head] / pass.changes[head]
            }
            heads.append(
                HeadResult(
                    Head(layer: layer, index: index),
                    HeadWeightChange(
                        query: parts[0].change, key: parts[1].change, value: parts[2].change, output: parts[3].change,
                        inputBias: inputBias, outputBias: added.map(norm) ?? 0,
                        weightChange: squares > 0 ? (changes / squares).squareRoot() : 0, changed: changed,
                        matched: other, outputAlong: along(.output, index, units[index]),
                        valueAlong: along(.value, kv, valueUnits[kv]),
                        biasAlong: added.flatMap { added in
                            units[index].map { unit in
                                zip(added, unit).reduce(0) { $0 + $1.0 * $1.1 } / norm(added)
                            }
                        })))
        }
        for (projection, pass) in passes where pass.order == nil {
            let isOfQueries = projection == .query || projection == .output
            for head in 0..<pass.heads {
                let other = isOfQueries ? matching.queryHeads[head] : matching.kvHeads[head]
                square += pass.squares.a[head]
                change += pass.change(head, other) * pass.change(head, other) * pass.squares.a[head]
            }
        }
    }

    /// The size that a change must exceed to be more than rounding.
    private static func floor(_ pass: ProjectionPass) -> Double {
        // Products lose digits.
        pass.isUnrounded ? 1e-6 : max(1e-6, RoundingFloor.most(pass.formats))
    }

    /// The length of what a head's v adds to the output bias.
    private static func column(_ output: Matrix, head: Int, _ added: [Double]) -> Double {
        let size = added.count
        var square = 0.0
        for row in 0..<output.rows {
            let sum = (0..<size).reduce(0.0) { $0 + Double(output[row, head * size + $1]) * added[$1] }
            square += sum * sum
        }
        return square.squareRoot()
    }

    private static func outputBias(
        _ pair: ModelPair, _ layer: Int, _ pass: ProjectionPass?
    ) throws -> OutputBiasChange? {
        let width = pair.configuration.width
        let biases = pair.models.map { $0.outputBias(layer: layer) ?? [Float](repeating: 0, count: width) }
        let change = zip(biases.b, biases.a).map { Double($0) - Double($1) }
        guard change.contains(where: { $0 != 0 }) else { return nil }
        // What was added went through W_O before it was rounded.
        let rounding = pass.map { $0.isUnrounded ? 0 : RoundingFloor.most($0.formats) } ?? 0
        return try OutputBiasChange(
            change, output: pair.models.a.outputProjection(layer: layer), size: pair.configuration.headSize,
            tolerance: min(max(rounding, OutputBiasChange.least), OutputBiasChange.most))
    }
}

/// The biases of a layer's queries, keys and values in both models, in Hugging Face's order of a head's values.
private struct InputBiases {
    private let size: Int
    /// [heads · D]; empty if there is none.
    private var values: [AttentionProjection: OfBoth<[Double]>] = [:]

    init(_ pair: ModelPair, layer: Int) {
        size = pair.configuration.headSize
        for projection in [AttentionProjection.query, .key, .value] {
            values[projection] = pair.models.map { model in
                guard let bias = model.bias(of: projection, layer: layer) else { return [] }
                let size = model.configuration.headSize
                return bias.indices.map {
                    Double(bias[model.row(of: $0 % size, head: $0 / size, in: projection)])
                }
            }
        }
    }

    /// ‖Δb‖ / ‖b‖ of a head's biases; 1 if there were none.
    ///
    /// - Parameter query, kv: the heads of A and B.
    func change(query: (a: Int, b: Int), kv: (a: Int, b: Int)) -> Double {
        var (change, square) = (0.0, 0.0)
        for (projection, heads) in [(AttentionProjection.query, query), (.key, kv), (.value, kv)] {
            guard let values = values[projection] else { continue }
            for value in 0..<size {
                let a = values.a.isEmpty ? 0 : values.a[heads.a * size + value]
                let b = values.b.isEmpty ? 0 : values.b[heads.b * size + value]
                change += (b - a) * (b - a)
                square += a * a
            }
        }
        if change == 0 { return 0 }
        return square > 0 ? (change / square).squareRoot() : 1
    }
}
