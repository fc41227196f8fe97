/// A change of one head's z, wherever it is to be carried out.
public struct HeadEdit: Sendable {
    /// The layer.
    public var layer: Int
    /// The query head.
    public var head: Int
    /// What becomes of z, [D].
    public var change: Change

    /// A change of one head's z.
    public init(layer: Int, head: Int, _ change: Change) {
        self.layer = layer
        self.head = head
        self.change = change
    }

    /// The edit of a run.
    public func at(_ positions: PositionRule) -> Edit { .z(layer: layer, head: head, positions: positions, change) }
}
