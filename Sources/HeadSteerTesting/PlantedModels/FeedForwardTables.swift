/// The projections of one MLP, down(silu(gate x) * (up x)): noise and, in the last layer, the gate of the mood slots.
///
/// In the last layer, the first unit multiplies the flag of a mood slot by the context's mood. The mood therefore has
/// an effect only where a mood word is due, however strong it is, and the text stays grammatical under any edit.
struct FeedForwardTables {
    private(set) var gate = WeightTable(rows: Shape.feedForward, columns: ResidualLayout.width)
    private(set) var up = WeightTable(rows: Shape.feedForward, columns: ResidualLayout.width)
    private(set) var down = WeightTable(rows: ResidualLayout.width, columns: Shape.feedForward)

    private static let inputDeviation = 0.1
    private static let outputDeviation = 0.03

    init(layer: Int, seed: UInt64) {
        var source = NoiseSource(seed: seed, stream: UInt64(1000 + layer))
        let gated = layer == Shape.layers - 1
        let noise = (gated ? 1 : 0)..<Shape.feedForward
        gate.addNoise(rows: noise, columns: ResidualLayout.readable, deviation: Self.inputDeviation, from: &source)
        up.addNoise(rows: noise, columns: ResidualLayout.readable, deviation: Self.inputDeviation, from: &source)
        down.addNoise(rows: ResidualLayout.writable, columns: noise, deviation: Self.outputDeviation, from: &source)
        if gated {
            gate[0, ResidualLayout.slot] = 4
            up[0, ResidualLayout.contextMood] = 1
            down[ResidualLayout.wantedMood, 0] = 0.125
        }
    }
}
