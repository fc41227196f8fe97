import Checkpoints
import DataFiles
import Directions
import Foundation
import Transformer

extension ProbeFile {
    /// Reads a file strictly: every tensor and every string must be there in the right shape, nothing else may be
    /// there, and every value must be finite.
    ///
    /// - Parameter fingerprint: the fingerprint of the model that the probes are for; a file of another model is
    ///   refused. Nil leaves that unchecked.
    /// - Throws: `InputError` that names the wrong tensor or field.
    public init(contentsOf url: URL, model fingerprint: String?) throws {
        let reader = try ProbeFileReader(SafetensorsFile(contentsOf: url))
        if let fingerprint, fingerprint != reader.fingerprint {
            throw reader.failure(
                "probes of another model (\(reader.fingerprint.prefix(20))…)", "metadata fingerprint",
                remedy: "fit them on this model, \(fingerprint.prefix(20))…", kind: .otherModel)
        }
        try self.init(reader)
    }

    private init(_ reader: ProbeFileReader) throws {
        let (layers, heads, size) = reader.shape
        let all = [layers, heads, size]
        let single = [layers, heads, 1]
        let detectorUnits = try reader.values("probe.detector", all)
        let detectorWeights = try reader.values("probe.detector-weights", all)
        let trueMeans = try reader.values("probe.true-mean", all)
        let falseMeans = try reader.values("probe.false-mean", all)
        let numbers = try Dictionary(
            uniqueKeysWithValues: [
                "threshold", "within-class-sigma", "detector-sigma", "detector-within-class-sigma",
                "direction-threshold",
            ].map { ($0, try reader.values("probe.\($0)", single).map(Double.init)) })
        func number(_ name: String, _ index: Int) -> Double { numbers[name]?[index] ?? 0 }
        var directions: [HeadDirection] = []
        var detectors: [HeadDirection] = []
        var norms: [Double] = []
        for (index, head) in Head.all(layers: layers, heads: heads).enumerated() {
            let entry = try reader.entry(head, size: size)
            let range = index * size..<(index + 1) * size
            let norm = entry.vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            if let residualNorm = entry.residualNorm, head.index == 0 { norms.append(Double(residualNorm)) }
            let direction = HeadDirection(
                head, estimator: reader.estimator, vector: entry.vector,
                unit: entry.vector.map { norm > 0 ? Float(Double($0) / norm) : 0 },
                sigma: entry.sigma.map(Double.init) ?? 0,
                withinClassSigma: number("within-class-sigma", index), trueMean: Array(trueMeans[range]),
                falseMean: Array(falseMeans[range]), mean: entry.mean ?? [],
                headNorm: entry.headNorm.map(Double.init) ?? 0,
                threshold: number("direction-threshold", index))
            directions.append(direction)
            var detector = direction
            detector.estimator = reader.detector
            detector.vector = Array(detectorWeights[range])
            detector.unit = Array(detectorUnits[range])
            detector.sigma = number("detector-sigma", index)
            detector.withinClassSigma = number("detector-within-class-sigma", index)
            detector.threshold = number("threshold", index)
            detectors.append(detector)
        }
        try reader.requireAllUsed()
        self.init(
            directions: directions, detectors: detectors, report: reader.report, fingerprint: reader.fingerprint,
            site: reader.site, residualNorms: norms.count == layers ? norms : [], provenance: reader.provenance)
    }
}

/// Takes the parts of a file one by one and knows which were never asked for.
private final class ProbeFileReader {
    let file: SafetensorsFile
    let fingerprint: String
    let site: SiteKind
    let estimator, detector: DirectionEstimator
    let report: ProbeReport
    let provenance: [String: String]
    let shape: (layers: Int, heads: Int, size: Int)
    private var used: Set<String> = []

    init(_ file: SafetensorsFile) throws {
        self.file = file
        func failure(_ problem: String, _ place: String, _ kind: InputError.Kind = .badData) -> InputError {
            InputError(
                kind, problem, in: "\(file.file.path): \(place)", remedy: "write the file with headsteer probe --out")
        }
        func string(_ key: String) throws -> String {
            guard let value = file.metadata[key] else { throw failure("no string \(key)", "metadata", .missingPart) }
            return value
        }
        func estimator(_ key: String) throws -> DirectionEstimator {
            guard let value = DirectionEstimator(rawValue: try string(key)) else {
                throw failure("an unknown estimator", "metadata \(key)")
            }
            return value
        }
        let format = try string("format")
        guard format == ProbeFile.format else {
            throw failure(
                "the format \(format.prefix(40)) instead of \(ProbeFile.format)", "metadata format", .unsupported)
        }
        fingerprint = try string("fingerprint")
        guard let site = SiteKind(fileName: try string("site")), site != .pattern else {
            throw failure("an unknown site", "metadata site")
        }
        self.site = site
        self.estimator = try estimator("estimator")
        detector = try estimator("detector")
        let text = try string("statistics")
        guard let report = try? JSONDecoder().decode(ProbeReport.self, from: Data(text.utf8)) else {
            throw failure("statistics that aren't a probe report", "metadata statistics")
        }
        self.report = report
        let known: Set<String> = ["format", "fingerprint", "site", "estimator", "detector", "statistics"]
        provenance = file.metadata.filter { !known.contains($0.key) }
        guard let axes = file["probe.detector"]?.shape, axes.count == 3, axes.allSatisfy({ $0 > 0 }),
            axes[0] <= file.entries.count, axes[1] <= file.entries.count
        else { throw failure("no detectors of the shape [layers, heads, head size]", "probe.detector") }
        shape = (axes[0], axes[1], axes[2])
        guard report.heads.map(\.head).sorted() == Head.all(layers: axes[0], heads: axes[1]) else {
            throw failure("statistics of heads other than the file's", "metadata statistics")
        }
    }

    func failure(
        _ problem: String, _ place: String, remedy: String, kind: InputError.Kind = .badData
    ) -> InputError {
        InputError(kind, problem, in: "\(file.file.path): \(place)", remedy: remedy)
    }

    /// A head's direction with its values, of which only the residual stream's norm may be missing.
    func entry(_ head: Head, size: Int) throws -> DirectionFile.Entry {
        let current = site.directionName(head)
        let name = file[current] == nil && site.axes.count == 1 ? site.formerName(layer: head.layer) : current
        _ = try values(file[name] == nil ? current : name, [size])
        _ = try values(DirectionKey.mean.name(of: name), [size])
        for key in [DirectionKey.sigma, .headNorm] { _ = try values(key.name(of: name), [1]) }
        let residualNorm = DirectionKey.residualNorm.name(of: name)
        if file[residualNorm] != nil { _ = try values(residualNorm, [1]) }
        guard let entry = try DirectionFile.Entry(name, in: file) else {
            throw failure(
                "no tensor \(current)", "tensors", remedy: "write the file with headsteer probe --out",
                kind: .missingPart)
        }
        return entry
    }

    /// The values of a tensor, which must have the given shape.
    func values(_ name: String, _ shape: [Int]) throws -> [Float] {
        used.insert(name)
        let remedy = "write the file with headsteer probe --out"
        guard let entry = file[name] else {
            throw failure("no tensor \(name)", "tensors", remedy: remedy, kind: .missingPart)
        }
        guard entry.type == "F32", entry.shape == shape else {
            throw failure("\(entry.type) \(entry.shape) instead of F32 \(shape)", name, remedy: remedy)
        }
        let values = try file.floats(name)
        guard values.allSatisfy(\.isFinite) else {
            throw failure("a NaN or infinite value", name, remedy: "fit the probes again", kind: .notFinite)
        }
        return values
    }

    func requireAllUsed() throws {
        if let other = file.entries.first(where: { !used.contains($0.name) }) {
            throw failure("a tensor that no probe has", other.name, remedy: "write the file with headsteer probe --out")
        }
    }
}
