import DataFiles

/// The activations of all heads for a set of examples: z (or another site of the same shape) at one position each.
///
/// Values are finite: the initialiser refuses others.
public struct ActivationTable: Sendable {
    /// Row-major, [examples, layers, heads, headSize].
    public let values: [Float]
    public let examples: Int
    public let layers: Int
    public let heads: Int
    public let headSize: Int

    /// - Parameter values: row-major, [examples, layers, heads, headSize].
    /// - Throws: `InputError` that names layer.head and the example of a value that is NaN or infinite.
    public init(values: [Float], examples: Int, layers: Int, heads: Int, headSize: Int) throws {
        precondition(
            examples > 0 && layers > 0 && heads > 0 && headSize > 0, "A table of activations has no empty dimension.")
        precondition(
            values.count == examples * layers * heads * headSize,
            "A table of activations has examples × layers × heads × headSize values.")
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            let block = index / headSize
            throw nonFinite(
                values[index], layer: block / heads % layers, head: block % heads, example: block / heads / layers)
        }
        self.values = values
        self.examples = examples
        self.layers = layers
        self.heads = heads
        self.headSize = headSize
    }

    /// The activations of one head. Copies examples × headSize values.
    public subscript(layer layer: Int, head head: Int) -> HeadActivations {
        precondition((0..<layers).contains(layer) && (0..<heads).contains(head), "The table has no such head.")
        var own: [Float] = []
        own.reserveCapacity(examples * headSize)
        for example in 0..<examples {
            let start = ((example * layers + layer) * heads + head) * headSize
            own.append(contentsOf: values[start..<start + headSize])
        }
        return HeadActivations(layer: layer, head: head, finite: own, features: headSize)
    }

    /// Every layer and head, in order.
    var allHeads: [(layer: Int, head: Int)] {
        (0..<layers).flatMap { layer in (0..<heads).map { (layer, $0) } }
    }
}

/// The activations of one head for a set of examples.
public struct HeadActivations: Sendable {
    public let layer: Int
    public let head: Int
    /// Row-major, [examples, features].
    public let values: [Float]
    public let examples: Int
    public let features: Int

    /// - Parameter values: row-major, [examples, features].
    /// - Throws: `InputError` that names layer.head and the example of a value that is NaN or infinite.
    public init(layer: Int, head: Int, values: [Float], features: Int) throws {
        precondition(
            features > 0 && !values.isEmpty && values.count.isMultiple(of: features),
            "The activations of a head are whole rows of one feature or more.")
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw nonFinite(values[index], layer: layer, head: head, example: index / features)
        }
        self.init(layer: layer, head: head, finite: values, features: features)
    }

    fileprivate init(layer: Int, head: Int, finite values: [Float], features: Int) {
        self.layer = layer
        self.head = head
        self.values = values
        self.features = features
        examples = values.count / features
    }
}

private func nonFinite(_ value: Float, layer: Int, head: Int, example: Int) -> InputError {
    .badData(
        "the value \(value)", in: "the activations of head \(layer).\(head), example \(example)",
        remedy: "check the model's weights and the text of that example")
}
