import Checkpoints
import DataFiles
import Foundation
import Transformer

/// Directions of heads by name, with the values stored beside them, as a plan's directions file holds them.
///
/// In the file, a direction N is the tensor `N`, [D], with `N.sigma` [1], `N.mean` [D], `N.head-norm` [1],
/// `N.residual-norm` [1] and `N.threshold` [1] if they are known. The direction of a head is named `12.8`, that of a
/// site without heads, [M], `residual-post.12`.
public struct DirectionFile: Sendable {
    /// One direction.
    public struct Entry: Sendable, Equatable {
        /// The direction, [D], not necessarily a unit vector.
        public var vector: [Float]
        /// The spread of z along the direction.
        public var sigma: Float?
        /// The mean of z on clean text, [D].
        public var mean: [Float]?
        /// The mean norm of z on clean text.
        public var headNorm: Float?
        /// The mean norm of the residual stream before the head's layer on clean text.
        public var residualNorm: Float?
        /// A detector's threshold along the unit vector, at which gates open.
        public var threshold: Float?

        /// A direction with what is known of it: a strength in σ needs `sigma`, a strength in norms needs the norm, and
        /// `mean` needs the mean.
        public init(
            vector: [Float], sigma: Float? = nil, mean: [Float]? = nil, headNorm: Float? = nil,
            residualNorm: Float? = nil, threshold: Float? = nil
        ) {
            self.vector = vector
            self.sigma = sigma
            self.mean = mean
            self.headNorm = headNorm
            self.residualNorm = residualNorm
            self.threshold = threshold
        }
    }

    /// The names of the directions, in the order of the file.
    public private(set) var names: [String] = []
    private var entries: [String: Entry] = [:]
    /// Tensors with more than one axis, which aren't directions.
    private var otherShapes: [String: [Int]] = [:]
    /// Strings to store with the directions.
    public var metadata: [String: String] = [:]
    /// The file's name, for messages.
    public let place: String

    /// An empty set of directions; `place` stands for the file in messages.
    public init(place: String = "directions") { self.place = place }

    /// The direction with that name, if there is one.
    public subscript(name: String) -> Entry? { entries[name] }

    /// Adds a direction; the name must be new.
    ///
    /// - Precondition: there is no direction with that name yet.
    public mutating func add(_ name: String, _ entry: Entry) {
        precondition(entries.updateValue(entry, forKey: name) == nil, "There is a direction named \(name) already.")
        names.append(name)
    }

    /// Reads a directions file, or the directions of a probes file.
    ///
    /// A tensor with more than one axis isn't a direction; it is refused by name if a plan asks for it.
    ///
    /// - Throws: `InputError` if it isn't a safetensors file, or has NaN or infinite values.
    public init(contentsOf url: URL) throws {
        let file = try SafetensorsFile(contentsOf: url)
        place = file.file.path
        metadata = file.metadata
        let site = file.metadata["site"].flatMap { SiteKind(fileName: $0) }
        for tensor in file.entries where !DirectionKey.names(tensor.name) {
            guard tensor.shape.count == 1 else {
                otherShapes[tensor.name] = tensor.shape
                continue
            }
            guard let entry = try Entry(tensor.name, in: file) else { continue }
            let name = site?.currentName(tensor.name) ?? tensor.name
            guard entries[name] == nil else {
                throw InputError.badData(
                    "the direction \(name) under two names", in: "\(place): \(tensor.name)",
                    remedy: "remove one of them")
            }
            add(name, entry)
        }
    }

    /// The direction with that name.
    ///
    /// - Parameter place: what errors name as the place that asks for it.
    /// - Throws: `InputError` if the file has none, with the nearest names, or has one of another shape.
    public func entry(_ name: String, for place: String) throws -> Entry {
        if let entry = entries[name] { return entry }
        if let shape = otherShapes[name] {
            throw InputError.badData(
                "the direction \(name), which has the shape \(shape) in \(self.place)", in: place,
                remedy: "store it as [\(shape.reduce(1, *))]")
        }
        throw InputError(
            .missingPart,
            "the direction \(name), which \(self.place) lacks", in: place,
            remedy: names.isEmpty
                ? "the file has no directions at all: write it with headsteer probe --out"
                : "the nearest names there are " + nearest(name).joined(separator: ", "))
    }

    /// The three names nearest to a name: for a head, those of the nearest layers and, within a layer, of the nearest
    /// heads; otherwise those spelled most like it.
    private func nearest(_ name: String) -> [String] {
        guard let head = Head(name) else { return NearestNames.find(name, among: names, count: 3) }
        let heads = names.compactMap { Head($0) }
        guard !heads.isEmpty else { return NearestNames.find(name, among: names, count: 3) }
        func distance(_ other: Head) -> (Int, Int, Head) {
            (
                Int(other.layer.distance(to: head.layer).magnitude),
                Int(other.index.distance(to: head.index).magnitude),
                other
            )
        }
        return heads.sorted { distance($0) < distance($1) }.prefix(3).map(\.description)
    }

    /// Writes the file under a temporary name beside it and renames it.
    ///
    /// - Throws: `InputError` if the folder can't be written to.
    public func write(to url: URL) throws {
        var writer = SafetensorsWriter(metadata: metadata)
        for name in names {
            entries[name]?.write(name, to: &writer)
        }
        try writer.write(to: url)
    }
}

extension DirectionFile {
    /// The directions of heads, with the values that edits in any unit need.
    ///
    /// - Parameters:
    ///   - residualNorms: the mean norm of the residual stream before each layer, [L]; empty if it isn't known.
    ///   - site: the site at which they were fitted; sites without heads have one direction per layer.
    public init(
        _ directions: [HeadDirection], residualNorms: [Double], site: SiteKind = .z, place: String = "directions"
    ) {
        self.init(place: place)
        for direction in directions {
            add(site.directionName(direction.head), Entry(direction, residualNorms: residualNorms))
        }
    }
}

extension DirectionFile.Entry {
    /// A direction, with the values that edits in any unit need.
    package init(_ direction: HeadDirection, residualNorms: [Double]) {
        let layer = direction.head.layer
        self.init(
            vector: direction.vector, sigma: Float(direction.sigma), mean: direction.mean,
            headNorm: Float(direction.headNorm),
            residualNorm: layer < residualNorms.count ? Float(residualNorms[layer]) : nil,
            threshold: Float(direction.threshold))
    }
}

extension SiteKind {
    /// The name of the direction of a site without heads in probes files up to version 0.1, `layer.12`.
    package func formerName(layer: Int) -> String { "layer.\(layer)" }

    /// The present name of a direction of this site; other names stay as they are.
    fileprivate func currentName(_ name: String) -> String {
        guard axes.count == 1, name.hasPrefix("layer."), let layer = Int(name.dropFirst(6)) else { return name }
        return directionName(Head(layer: layer, index: 0))
    }
}
