import DataFiles
import Transformer

/// The sizes that arrays of head-wise values have.
public struct HeadShape: Sendable, Equatable {
    /// L
    public var layers: Int
    /// H
    public var heads: Int
    /// D
    public var headSize: Int

    /// Sizes that are known from elsewhere.
    ///
    /// - Precondition: all above 0.
    public init(layers: Int, heads: Int, headSize: Int) {
        precondition(layers > 0 && heads > 0 && headSize > 0, "A model has layers, heads and values of heads.")
        self.layers = layers
        self.heads = heads
        self.headSize = headSize
    }

    /// A model's sizes.
    public init(_ configuration: ModelConfiguration) {
        self.init(layers: configuration.layers, heads: configuration.heads, headSize: configuration.headSize)
    }

    /// L·H
    var headCount: Int { layers * heads }
    /// The shapes in which one value for each value of each head is stored; all have the same order of elements.
    var valueShapes: [[Int]] {
        [[layers, heads, headSize], [headCount, headSize], [layers, heads * headSize], [headCount * headSize]]
    }
    /// The shapes in which one value for each head is stored.
    var headShapes: [[Int]] { [[layers, heads], [headCount], [headCount, 1]] }
}
