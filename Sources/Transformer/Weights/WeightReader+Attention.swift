import TensorCore

extension WeightReader {
    /// A layer's projections of queries, keys and values.
    func queryKeyValue(_ layer: Int) throws -> (LinearLayer, LinearLayer, LinearLayer) {
        let c = configuration
        let names = layout.names
        let queries = c.heads * c.headSize
        let keys = c.kvHeads * c.headSize
        let fused = at(layer, names.queryKeyValue)
        switch layout.queryKeyValue {
        case .separate: return try separate(layer, queries: queries, keys: keys)
        case .stacked:
            // llama.cpp's converter leaves some families' projections separate.
            if try !source.has("\(fused).weight") { return try separate(layer, queries: queries, keys: keys) }
            let whole = try linear(fused, .query, outputs: queries + 2 * keys, inputs: c.width)
            return (
                whole.rows(0..<queries), whole.rows(queries..<(queries + keys)),
                whole.rows((queries + keys)..<(queries + 2 * keys))
            )
        case .byHead:
            let whole = try linear(fused, .query, outputs: 3 * queries, inputs: c.width)
            func part(_ index: Int) -> LinearLayer {
                whole.rows(
                    (0..<c.heads).map { head in
                        let first = (head * 3 + index) * c.headSize
                        return first..<(first + c.headSize)
                    })
            }
            return (part(0), part(1), part(2))
        }
    }

    private func separate(_ layer: Int, queries: Int, keys: Int) throws -> (LinearLayer, LinearLayer, LinearLayer) {
        let names = layout.names
        let width = configuration.width
        return (
            try linear(at(layer, names.query), .query, outputs: queries, inputs: width),
            try linear(at(layer, names.key), .key, outputs: keys, inputs: width),
            try linear(at(layer, names.value), .value, outputs: keys, inputs: width)
        )
    }
}

extension LinearLayer {
    /// A view of some outputs of the layer.
    func rows(_ range: Range<Int>) -> LinearLayer {
        LinearLayer(weights: weights.rows(range), bias: bias.map { Array($0[range]) })
    }

    /// A copy of outputs from several places, one after the other.
    func rows(_ ranges: [Range<Int>]) -> LinearLayer {
        LinearLayer(weights: weights.gathering(ranges), bias: bias.map { bias in ranges.flatMap { bias[$0] } })
    }
}
