import Checkpoints
import DataFiles
import Foundation
import Transformer

/// The activations of all heads for a set of examples at one position each: z, or another site, with one head if it has
/// none.
///
/// Values are finite: the initialisers refuse others. They lie in memory or in a mapped file.
public struct ActivationTable: Sendable {
    private enum Storage: Sendable {
        case memory([Float])
        /// Where the first value lies in the file, little-endian.
        case file(MappedFile, offset: Int)
    }

    private let storage: Storage
    /// The number of rows, one for each position that was read.
    public let examples: Int
    /// The number of layers in a row.
    public let layers: Int
    /// The number of heads in a layer.
    public let heads: Int
    /// The number of values of a head, D.
    public let headSize: Int

    /// - Parameter values: row-major, [examples, layers, heads, headSize].
    /// - Throws: `InputError` that names layer.head and the example of a value that is NaN or infinite.
    /// - Precondition: no dimension is empty, and there are examples × layers × heads × headSize values.
    public init(values: [Float], examples: Int, layers: Int, heads: Int, headSize: Int) throws {
        precondition(
            examples > 0 && layers > 0 && heads > 0 && headSize > 0, "A table of activations has no empty dimension.")
        precondition(
            values.count == examples * layers * heads * headSize,
            "A table of activations has examples × layers × heads × headSize values.")
        storage = .memory(values)
        self.examples = examples
        self.layers = layers
        self.heads = heads
        self.headSize = headSize
        try checkFinite()
    }

    /// Uses the values of a tensor where they lie: only the heads that are asked for are copied.
    ///
    /// - Parameter tensor: float32, [examples, layers, heads, headSize], none of them 0.
    /// - Throws: `InputError` if there is no such tensor, or one that names layer.head and the example of a value that
    ///   is NaN or infinite.
    public init(mapping file: SafetensorsFile, tensor name: String) throws {
        guard let entry = file[name], entry.type == "F32", entry.shape.count == 4,
            entry.shape.allSatisfy({ $0 > 0 })
        else {
            throw InputError.badData(
                "no float32 tensor of four axes", in: "\(file.file.path): \(name)",
                remedy: "write it as [examples, layers, heads, head size] in F32")
        }
        storage = .file(file.file, offset: entry.range.lowerBound)
        examples = entry.shape[0]
        layers = entry.shape[1]
        heads = entry.shape[2]
        headSize = entry.shape[3]
        try checkFinite()
    }

    /// All values, row-major, [examples, layers, heads, headSize]; a copy if they lie in a file.
    public var values: [Float] {
        if case .memory(let values) = storage { return values }
        var all: [Float] = []
        all.reserveCapacity(examples * layers * heads * headSize)
        append(0..<examples * layers * heads * headSize, to: &all)
        return all
    }

    private func append(_ range: Range<Int>, to values: inout [Float]) {
        switch storage {
        case .memory(let all): values.append(contentsOf: all[range])
        case .file(let file, let offset):
            let bytes = file.bytes
            for index in range {
                values.append(
                    Float(
                        bitPattern: UInt32(
                            littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4 * index, as: UInt32.self))))
            }
        }
    }

    private func checkFinite() throws {
        let row = layers * heads * headSize
        var values: [Float] = []
        for example in 0..<examples {
            values.removeAll(keepingCapacity: true)
            append(example * row..<(example + 1) * row, to: &values)
            // A finite value times 0 is 0; NaN and infinity make the sum NaN.
            if values.reduce(0, { $0 + $1 * 0 }) == 0 { continue }
            if let index = values.firstIndex(where: { !$0.isFinite }) {
                let block = index / headSize
                let head = Head(layer: block / heads, index: block % heads)
                throw Self.nonFinite(values[index], at: head, example: example)
            }
        }
    }

    static func nonFinite(_ value: Float, at head: Head, example: Int) -> InputError {
        InputError(
            .notFinite,
            "the value \(value)", in: "the activations of head \(head), example \(example)",
            remedy: "check the model's weights and the text of that example")
    }

    /// The activations of one head, as a copy of examples × headSize values.
    ///
    /// - Precondition: the table has the head.
    public subscript(_ head: Head) -> HeadActivations {
        precondition(
            (0..<layers).contains(head.layer) && (0..<heads).contains(head.index), "The table has no head \(head).")
        var own: [Float] = []
        own.reserveCapacity(examples * headSize)
        for example in 0..<examples {
            let start = ((example * layers + head.layer) * heads + head.index) * headSize
            append(start..<start + headSize, to: &own)
        }
        return HeadActivations(head, finite: own, features: headSize)
    }

    /// The activations of one layer, for a site without heads.
    ///
    /// - Precondition: the site has no heads.
    public subscript(layer layer: Int) -> HeadActivations {
        precondition(heads == 1, "A layer of \(heads) heads is read head by head.")
        return self[Head(layer: layer, index: 0)]
    }

    /// Every head, in order.
    package var allHeads: [Head] { Head.all(layers: layers, heads: heads) }
}

/// The activations of one head for a set of examples.
public struct HeadActivations: Sendable {
    /// The head that the values belong to.
    public let head: Head
    /// The values, row-major, [examples, features].
    public let values: [Float]
    /// The number of rows.
    public let examples: Int
    /// The number of columns: D, or the width of a whole layer.
    public let features: Int

    /// - Parameter values: row-major, [examples, features].
    /// - Throws: `InputError` that names layer.head and the example of a value that is NaN or infinite.
    /// - Precondition: the values are whole rows of one feature or more.
    public init(_ head: Head, values: [Float], features: Int) throws {
        precondition(
            features > 0 && !values.isEmpty && values.count.isMultiple(of: features),
            "The activations of a head are whole rows of one feature or more.")
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw ActivationTable.nonFinite(values[index], at: head, example: index / features)
        }
        self.init(head, finite: values, features: features)
    }

    fileprivate init(_ head: Head, finite values: [Float], features: Int) {
        self.head = head
        self.values = values
        self.features = features
        examples = values.count / features
    }

    /// Some of the rows, at least one, in the order given.
    package func selecting(_ rows: [Int]) -> HeadActivations {
        HeadActivations(
            head, finite: rows.flatMap { values[$0 * features..<($0 + 1) * features] }, features: features)
    }
}
