import DataFiles

/// A head of a planted model that carries the mood.
public struct PlantedHead: Sendable, Equatable {
    /// The layer, counted from 0.
    public let layer: Int
    /// The head's number in its layer.
    public let head: Int
    /// The factor by which a mood of 1 in the head's z is written to the residual stream.
    public let gain: Float

    /// - Parameters:
    ///   - layer: 0 to 5.
    ///   - head: 0 to 3.
    public init(layer: Int, head: Int, gain: Float) {
        precondition(
            (0..<Shape.layers).contains(layer) && (0..<Shape.heads).contains(head) && gain.isFinite,
            "A planted model has \(Shape.layers) layers of \(Shape.heads) heads, and gains that are finite.")
        self.layer = layer
        self.head = head
        self.gain = gain
    }

    /// Parses layer, head and gain, `2.1=0.5`; nil if there is no such head or the gain is not a number.
    public init?(_ text: String) {
        let sides = text.split(separator: "=", omittingEmptySubsequences: false)
        let place = sides[0].split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, place.count == 2, let layer = place[0], let head = place[1], let gain = Float(sides[1]),
            (0..<Shape.layers).contains(layer), (0..<Shape.heads).contains(head), gain.isFinite
        else { return nil }
        self.init(layer: layer, head: head, gain: gain)
    }

    /// The head to be found and a second, weaker one: those of `Fixtures/planted/planted.gguf`.
    public static let standard = [
        PlantedHead(layer: 2, head: 1, gain: 0.5), PlantedHead(layer: 4, head: 2, gain: 0.171875),
    ]
}
