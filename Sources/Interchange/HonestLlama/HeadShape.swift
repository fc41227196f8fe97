import DataFiles
import Transformer

/// The sizes that determine the shapes of head-wise arrays.
public struct HeadShape: Sendable, Equatable {
    /// The number of layers, L.
    public var layers: Int
    /// The number of query heads per layer, H.
    public var heads: Int
    /// The number of values per head, D.
    public var headSize: Int

    /// Creates a shape from known sizes.
    ///
    /// - Precondition: all above 0.
    public init(layers: Int, heads: Int, headSize: Int) {
        precondition(layers > 0 && heads > 0 && headSize > 0, "A model has layers, heads and values of heads.")
        self.layers = layers
        self.heads = heads
        self.headSize = headSize
    }

    /// Creates the shape of a model's heads.
    public init(_ configuration: ModelConfiguration) {
        self.init(layers: configuration.layers, heads: configuration.heads, headSize: configuration.headSize)
    }

    /// The number of heads, L·H.
    var headCount: Int { layers * heads }
    /// The possible shapes of an array with a value for each component of each head; all have the same element order.
    var valueShapes: [[Int]] {
        [[layers, heads, headSize], [headCount, headSize], [layers, heads * headSize], [headCount * headSize]]
    }
    /// The possible shapes of an array with one value per head.
    var headShapes: [[Int]] { [[layers, heads], [headCount], [headCount, 1]] }
}
