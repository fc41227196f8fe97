/// The projections of one attention block: noise, and the layer's planted heads.
///
/// The rows of q and k are in the order of GGUF's Llama, where rotary embedding rotates neighbouring rows. The planted
/// heads match content. Their keys and queries therefore meet in the slowest of the rotated pairs, which has turned by
/// no more than 0.16 at the end of the context, so that the position hardly matters there.
struct AttentionTables {
    private(set) var query = WeightTable(rows: ResidualLayout.width, columns: ResidualLayout.width)
    private(set) var key = WeightTable(rows: ResidualLayout.width, columns: ResidualLayout.width)
    private(set) var value = WeightTable(rows: ResidualLayout.width, columns: ResidualLayout.width)
    private(set) var output = WeightTable(rows: ResidualLayout.width, columns: ResidualLayout.width)

    private static let queryKeyDeviation = 0.125
    private static let valueDeviation = 0.1
    private static let outputDeviation = 0.04
    /// The deviation of the noise in a planted head's query, key and value.
    private static let plantedDeviation = 0.03
    /// A planted head's score is about 5 for a mood word, 3 for the beginning and 0 for everything else.
    private static let queryGain: Float = 4
    private static let moodKey: Float = 5
    private static let sinkKey: Float = 3

    /// - Parameter carriers: the heads in all layers that carry the mood.
    init(layer: Int, carriers: [PlantedHead], seed: UInt64) {
        for head in 0..<Shape.heads {
            var source = NoiseSource(seed: seed, stream: UInt64(100 + layer * Shape.heads + head))
            let rows = head * Shape.headSize..<(head + 1) * Shape.headSize
            let planted = carriers.first { $0.layer == layer && $0.head == head }
            let score = planted == nil ? Self.queryKeyDeviation : Self.plantedDeviation
            let content = planted == nil ? Self.valueDeviation : Self.plantedDeviation
            let readable = ResidualLayout.readable
            query.addNoise(rows: rows, columns: readable, deviation: score, from: &source)
            key.addNoise(rows: rows, columns: readable, deviation: score, from: &source)
            value.addNoise(rows: rows, columns: readable, deviation: content, from: &source)
            output.addNoise(
                rows: ResidualLayout.writable, columns: rows, deviation: Self.outputDeviation, from: &source)
            if let planted { plant(planted, rows: rows, source: &source) }
        }
    }

    private mutating func plant(_ planted: PlantedHead, rows: Range<Int>, source: inout NoiseSource) {
        // Both rows of the slowest pair are used only for matching.
        for row in rows.suffix(2) {
            for column in 0..<ResidualLayout.width {
                query[row, column] = 0
                key[row, column] = 0
            }
        }
        let slowest = rows.upperBound - 2
        query[slowest, ResidualLayout.constant] = Self.queryGain
        key[slowest, ResidualLayout.moodFlag] = Self.moodKey
        key[slowest, ResidualLayout.sink] = Self.sinkKey
        // The axis of the mood: a unit vector in the head's 16 dimensions, made of signs divided by 4.
        let axis = rows.map { _ in source.sign() / 4 }
        for (row, component) in zip(rows, axis) {
            value[row, ResidualLayout.tokenMood] = component
            output[ResidualLayout.contextMood, row] = component * planted.gain
        }
        // The head's other output must not depend on the mood, so its noise is orthogonal to the axis.
        for index in stride(from: 0, to: axis.count, by: 2) {
            let opposite = axis[index] == axis[index + 1]
            for row in ResidualLayout.writable {
                let noise = output[row, rows.lowerBound + index]
                output[row, rows.lowerBound + index + 1] = opposite ? -noise : noise
            }
        }
    }
}
