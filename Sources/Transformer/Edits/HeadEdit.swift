/// A change of one head's z, without the positions where it is made.
public struct HeadEdit: Sendable {
    /// The layer.
    public var layer: Int
    /// The query head.
    public var head: Int
    /// How z is changed, [D].
    public var change: Change

    /// A change of one head's z.
    public init(layer: Int, head: Int, _ change: Change) {
        self.layer = layer
        self.head = head
        self.change = change
    }

    /// The edit of z at some positions, for a run.
    public func at(_ positions: PositionRule) -> Edit { .z(layer: layer, head: head, positions: positions, change) }
}
