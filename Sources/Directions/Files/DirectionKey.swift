import Checkpoints
import DataFiles
import Transformer

/// The values that files keep of a direction N beside the direction itself, each in a tensor `N.key`.
///
/// Directions files and probes files share this list.
package enum DirectionKey: String, CaseIterable {
    /// The spread of the values along the direction, [1].
    case sigma
    /// The mean of the values on clean text, of the direction's size.
    case mean
    /// The mean norm of z on clean text, [1].
    case headNorm = "head-norm"
    /// The mean norm of the residual stream before the layer on clean text, [1].
    case residualNorm = "residual-norm"
    /// A detector's threshold along the unit vector, [1].
    case threshold

    /// The tensor's name, such as `12.8.sigma`.
    package func name(of direction: String) -> String { "\(direction).\(rawValue)" }

    /// Whether a tensor holds such a value rather than a direction.
    static func names(_ tensor: String) -> Bool { allCases.contains { tensor.hasSuffix(".\($0.rawValue)") } }
}

extension SiteKind {
    /// The name of a direction at this site in files and plans: `12.8` for z of a head, `residual-post.12` for a site
    /// without heads.
    public func directionName(_ head: Head) -> String {
        axes.count == 2 ? "\(head)" : "\(fileName).\(head.layer)"
    }
}

extension DirectionFile.Entry {
    /// The direction that a file keeps under a name; nil if it has no such tensor.
    ///
    /// - Throws: `InputError` if the direction doesn't have one axis, or a value has another shape or isn't finite.
    package init?(_ name: String, in file: SafetensorsFile) throws {
        guard let tensor = file[name] else { return nil }
        let path = file.file.path
        func finite(_ name: String) throws -> [Float] {
            let values = try file.floats(name)
            guard values.allSatisfy(\.isFinite) else {
                throw InputError(
                    .notFinite,
                    "a NaN or infinite value", in: "\(path): \(name)", remedy: "fit the direction again")
            }
            return values
        }
        func values(_ key: DirectionKey) throws -> [Float]? {
            let name = key.name(of: name)
            return file[name] == nil ? nil : try finite(name)
        }
        func single(_ key: DirectionKey) throws -> Float? {
            guard let values = try values(key) else { return nil }
            guard values.count == 1 else {
                throw InputError.badData(
                    "\(values.count) values where one should be", in: "\(path): \(key.name(of: name))",
                    remedy: "write it as [1]")
            }
            return values[0]
        }
        guard tensor.shape.count == 1 else {
            throw InputError.badData(
                "a direction of the shape \(tensor.shape)", in: "\(path): \(name)",
                remedy: "store it as [\(tensor.shape.reduce(1, *))]")
        }
        self.init(
            vector: try finite(name), sigma: try single(.sigma), mean: try values(.mean),
            headNorm: try single(.headNorm), residualNorm: try single(.residualNorm), threshold: try single(.threshold))
    }

    /// Adds the direction and its values to a file.
    package func write(_ name: String, to writer: inout SafetensorsWriter) {
        writer.add(name, shape: [vector.count], vector)
        for (key, value) in [
            (DirectionKey.sigma, sigma), (.headNorm, headNorm), (.residualNorm, residualNorm), (.threshold, threshold),
        ] {
            if let value { writer.add(key.name(of: name), shape: [1], [value]) }
        }
        if let mean { writer.add(DirectionKey.mean.name(of: name), shape: [mean.count], mean) }
    }
}
