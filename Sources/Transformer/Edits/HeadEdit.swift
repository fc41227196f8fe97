/// A change of one head's z, wherever it is to be carried out.
public struct HeadEdit: Sendable {
    public var layer: Int
    /// The query head.
    public var head: Int
    public var change: Change

    public init(layer: Int, head: Int, _ change: Change) {
        self.layer = layer
        self.head = head
        self.change = change
    }

    /// The edit of a run.
    public func at(_ positions: PositionRule) -> Edit { .z(layer: layer, head: head, positions: positions, change) }
}
