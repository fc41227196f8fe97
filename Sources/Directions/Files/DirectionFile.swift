import Checkpoints
import DataFiles
import Foundation

/// Directions of heads by name, with the values stored beside them: what a plan's directions file holds.
///
/// In the file, a direction N is the tensor `N`, [D], with `N.sigma` [1], `N.mean` [D], `N.head-norm` [1],
/// `N.residual-norm` [1] and `N.threshold` [1] where they are known. A layer's direction is [M].
public struct DirectionFile: Sendable {
    /// One direction.
    public struct Entry: Sendable, Equatable {
        /// [D], not necessarily a unit vector.
        public var vector: [Float]
        /// The spread of z along the direction.
        public var sigma: Float?
        /// The mean of z on clean text, [D].
        public var mean: [Float]?
        /// The mean norm of z on clean text.
        public var headNorm: Float?
        /// The mean norm of the residual stream before the head's layer on clean text.
        public var residualNorm: Float?
        /// A detector's threshold along the unit vector: where gates open.
        public var threshold: Float?

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

    /// The directions, in the order of the file.
    public private(set) var names: [String] = []
    private var entries: [String: Entry] = [:]
    /// Strings to store with them.
    public var metadata: [String: String] = [:]
    /// The file, for messages.
    public let place: String

    public init(place: String = "directions") { self.place = place }

    /// The direction of that name, if there is one.
    public subscript(name: String) -> Entry? { entries[name] }

    /// Adds a direction; the name must be new.
    public mutating func add(_ name: String, _ entry: Entry) {
        precondition(entries.updateValue(entry, forKey: name) == nil, "There is a direction named \(name) already.")
        names.append(name)
    }

    private static let suffixes = [".sigma", ".mean", ".head-norm", ".residual-norm", ".threshold"]

    /// Reads a directions file.
    ///
    /// - Throws: `InputError` where it is no safetensors file, or has values that are no finite numbers.
    public init(contentsOf url: URL) throws {
        let file = try SafetensorsFile(contentsOf: url)
        place = file.file.path
        metadata = file.metadata
        func single(_ name: String) throws -> Float? {
            guard file[name] != nil else { return nil }
            let values = try Self.finite(file, name)
            guard values.count == 1 else {
                throw InputError.badData(
                    "\(values.count) values where one should be", in: "\(place): \(name)", remedy: "write it as [1]")
            }
            return values[0]
        }
        for tensor in file.entries where !Self.suffixes.contains(where: tensor.name.hasSuffix) {
            let name = tensor.name
            guard tensor.shape.count == 1 else { continue }
            add(
                name,
                Entry(
                    vector: try Self.finite(file, name), sigma: try single("\(name).sigma"),
                    mean: try file["\(name).mean"].map { try Self.finite(file, $0.name) },
                    headNorm: try single("\(name).head-norm"), residualNorm: try single("\(name).residual-norm"),
                    threshold: try single("\(name).threshold")))
        }
    }

    private static func finite(_ file: SafetensorsFile, _ name: String) throws -> [Float] {
        let values = try file.floats(name)
        guard values.allSatisfy(\.isFinite) else {
            throw InputError.badData(
                "a value that is no finite number", in: "\(file.file.path): \(name)", remedy: "fit the direction again")
        }
        return values
    }

    /// Writes the file beside its place and renames it.
    ///
    /// - Throws: `InputError` where the folder can't be written to.
    public func write(to url: URL) throws {
        var writer = SafetensorsWriter(metadata: metadata)
        for name in names {
            guard let entry = entries[name] else { continue }
            writer.add(name, shape: [entry.vector.count], entry.vector)
            if let sigma = entry.sigma { writer.add("\(name).sigma", shape: [1], [sigma]) }
            if let mean = entry.mean { writer.add("\(name).mean", shape: [mean.count], mean) }
            if let norm = entry.headNorm { writer.add("\(name).head-norm", shape: [1], [norm]) }
            if let norm = entry.residualNorm { writer.add("\(name).residual-norm", shape: [1], [norm]) }
            if let threshold = entry.threshold { writer.add("\(name).threshold", shape: [1], [threshold]) }
        }
        try writer.write(to: url)
    }
}

extension DirectionFile {
    /// The directions of heads with the values that edits in any unit need.
    ///
    /// - Parameter residualNorms: the mean norm of the residual stream before each layer, [L].
    public init(_ directions: [HeadDirection], residualNorms: [Double]) {
        self.init()
        for direction in directions {
            add(
                direction.name,
                Entry(
                    vector: direction.vector, sigma: Float(direction.sigma), mean: direction.mean,
                    headNorm: Float(direction.headNorm), residualNorm: Float(residualNorms[direction.head.layer]),
                    threshold: Float(direction.threshold)))
        }
    }
}
