import ArgumentParser

/// A head that carries the mood.
struct PlantedHead {
    let layer: Int
    let head: Int
    /// What a mood of 1 in the head's z becomes in the residual stream.
    let gain: Float

    /// The head to be found, and a weaker second one.
    static let standard = [PlantedHead(layer: 2, head: 1, gain: 0.5), PlantedHead(layer: 4, head: 2, gain: 0.171875)]
}

extension PlantedHead: ExpressibleByArgument {
    /// `2.1=0.5`: layer, head and gain; nil where there is no such head or the gain is no number.
    init?(argument: String) {
        let sides = argument.split(separator: "=", omittingEmptySubsequences: false)
        let place = sides[0].split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, place.count == 2, let layer = place[0], let head = place[1], let gain = Float(sides[1]),
            (0..<Shape.layers).contains(layer), (0..<Shape.heads).contains(head), gain.isFinite
        else { return nil }
        self.init(layer: layer, head: head, gain: gain)
    }
}
