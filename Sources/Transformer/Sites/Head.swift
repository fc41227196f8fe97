/// A query head: its layer and its number there, both counted from 0.
///
/// It is written `12.8` for head 8 of layer 12, and in JSON as the fields `layer` and `head`. Heads are ordered by
/// layer, then by number. In tables of all layers, sites without heads count as one head, number 0.
public struct Head: Hashable, Sendable {
    /// The layer, from 0.
    public var layer: Int
    /// The head's number in its layer.
    public var index: Int

    /// The query head with that number in that layer; whether a model has it is checked when it is used.
    public init(layer: Int, index: Int) {
        self.layer = layer
        self.index = index
    }

    /// Every head of a number of layers, in order.
    public static func all(layers: Int, heads: Int) -> [Head] {
        (0..<layers).flatMap { layer in (0..<heads).map { Head(layer: layer, index: $0) } }
    }

    /// Every query head of a model, in order.
    public static func all(_ configuration: ModelConfiguration) -> [Head] {
        all(layers: configuration.layers, heads: configuration.heads)
    }
}

extension Head: Comparable {
    public static func < (first: Head, second: Head) -> Bool {
        (first.layer, first.index) < (second.layer, second.index)
    }
}

extension Head: LosslessStringConvertible {
    public var description: String { "\(layer).\(index)" }

    /// The head that is written as this text; nil for any other text, including `012.8`, `12.-1` and `12.8.1`.
    public init?(_ description: String) {
        let numbers = description.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let layer = numbers[0], let index = numbers[1], layer >= 0, index >= 0 else {
            return nil
        }
        self.init(layer: layer, index: index)
        // One head has one name, because names are looked up in files.
        guard self.description == description else { return nil }
    }
}

extension Head: Codable {
    private enum CodingKeys: String, CodingKey {
        case layer
        case index = "head"
    }
}

extension Edit {
    /// An edit of one head's z, the input of the output projection.
    public static func z(_ head: Head, positions: PositionRule, _ change: Change) -> Edit {
        .z(layer: head.layer, head: head.index, positions: positions, change)
    }
}

extension HeadEdit {
    /// A change of a head's z.
    public init(_ target: Head, _ change: Change) {
        self.init(layer: target.layer, head: target.index, change)
    }

    /// The head that is changed.
    public var target: Head { Head(layer: layer, index: head) }
}
