import Checkpoints
import DataFiles
import Directions
import Foundation
import TensorCore
import Transformer

/// The probes of all heads as a file keeps them: directions to steer with, detectors with thresholds, how well they
/// did, and what they come from.
///
/// Plans and sweeps take the file, `probes.safetensors`, as directions. For head H in layer L it has the tensors `L.H`
/// [D] (the direction), `L.H.sigma` [1], `L.H.mean` [D], `L.H.head-norm` [1] and, if it is known, `L.H.residual-norm`
/// [1]. For all heads together it has `probe.detector` [L, H, D] (unit vectors), `probe.threshold` [L, H, 1]
/// (z · detector above it speaks for the class `true`), `probe.within-class-sigma`, `probe.detector-sigma`,
/// `probe.detector-within-class-sigma` and `probe.direction-threshold` [L, H, 1], and `probe.detector-weights`,
/// `probe.true-mean` and `probe.false-mean` [L, H, D]. A site without heads has `residual-post.L` in place of `L.H`,
/// and H = 1. In the metadata, `statistics` is the ``ProbeReport`` as JSON, and `estimator` and `detector` say how
/// directions and detectors were fitted. In Python:
///
/// ```python
/// import json, safetensors
/// file = safetensors.safe_open("probes.safetensors", "np")
/// direction = file.get_tensor("12.8")
/// score = z[12, 8] @ file.get_tensor("probe.detector")[12, 8] - file.get_tensor("probe.threshold")[12, 8, 0]
/// best = json.loads(file.metadata()["statistics"])["heads"][0]
/// ```
public struct ProbeFile: Sendable, Equatable {
    /// The directions of all heads, in the order of layers and heads.
    public var directions: [HeadDirection]
    /// The detectors, in the same order, fitted with the estimator that ``report`` is about.
    public var detectors: [HeadDirection]
    /// How the probes did on rows that they weren't fitted on.
    public var report: ProbeReport
    /// The model's fingerprint.
    public var fingerprint: String
    /// The site that the probes read.
    public var site: SiteKind
    /// The mean norm of the residual stream before each layer, [L]; empty if it isn't known.
    public var residualNorms: [Double]
    /// What else the file records: the data's name and digest, positions, tokenizer, template.
    public var provenance: [String: String]

    /// The value of the metadata's `format`; a file of another version is refused.
    public static let format = "headsteer.probes/1"

    /// The contents of a file that isn't written yet.
    ///
    /// - Precondition: there is a detector for each direction, and at least one of each.
    public init(
        directions: [HeadDirection], detectors: [HeadDirection], report: ProbeReport, fingerprint: String,
        site: SiteKind = .z, residualNorms: [Double] = [], provenance: [String: String] = [:]
    ) {
        precondition(!directions.isEmpty && directions.count == detectors.count, "Each head has both.")
        self.directions = directions
        self.detectors = detectors
        self.report = report
        self.fingerprint = fingerprint
        self.site = site
        self.residualNorms = residualNorms
        self.provenance = provenance
    }

    /// The number of layers.
    public var layers: Int { (directions.last?.head.layer ?? -1) + 1 }
    /// The number of heads in a layer.
    public var heads: Int { (directions.last?.head.index ?? -1) + 1 }

    /// Writes the file under a temporary name beside it and renames it.
    ///
    /// - Throws: `InputError` if the folder can't be written to.
    public func write(to url: URL) throws {
        var metadata = provenance
        metadata["format"] = Self.format
        metadata["fingerprint"] = fingerprint
        metadata["site"] = site.fileName
        metadata["estimator"] = directions[0].estimator.rawValue
        metadata["detector"] = detectors[0].estimator.rawValue
        metadata["statistics"] = String(decoding: try JSONEncoder.oneLine.encode(report), as: UTF8.self)
        var writer = SafetensorsWriter(metadata: metadata)
        for direction in directions {
            var entry = DirectionFile.Entry(direction, residualNorms: residualNorms)
            // The thresholds of all heads are in one tensor, below.
            entry.threshold = nil
            entry.write(site.directionName(direction.head), to: &writer)
        }
        let size = directions[0].vector.count
        writer.add("probe.detector", shape: [layers, heads, size], detectors.flatMap(\.unit))
        writer.add("probe.threshold", shape: [layers, heads, 1], detectors.map { Float($0.threshold) })
        for (name, values) in [
            ("within-class-sigma", directions.map(\.withinClassSigma)), ("detector-sigma", detectors.map(\.sigma)),
            ("detector-within-class-sigma", detectors.map(\.withinClassSigma)),
            ("direction-threshold", directions.map(\.threshold)),
        ] { writer.add("probe.\(name)", shape: [layers, heads, 1], values.map { Float($0) }) }
        writer.add("probe.detector-weights", shape: [layers, heads, size], detectors.flatMap(\.vector))
        writer.add("probe.true-mean", shape: [layers, heads, size], directions.flatMap(\.trueMean))
        writer.add("probe.false-mean", shape: [layers, heads, size], directions.flatMap(\.falseMean))
        try writer.write(to: url)
    }
}

extension ProbeFile {
    /// Fits directions and detectors of all heads on all rows.
    ///
    /// - Parameters:
    ///   - report: the result of cross-validation; the detectors are fitted with its estimator.
    ///   - direction: how the directions to steer with are fitted; mass-mean is the usual choice.
    ///   - spread: a table on which σ is measured; nil measures it on the same rows.
    ///   - fingerprint: the model's fingerprint.
    /// - Throws: `InputError`, as in ``ActivationTable/directions(_:rows:spread:seed:workers:)``.
    public init(
        _ activations: LabelledActivations, report: ProbeReport, direction: DirectionEstimator = .massMean,
        spread: ActivationTable? = nil, fingerprint: String, seed: UInt64 = 0, workers: WorkerPool? = nil
    ) throws {
        let table = activations.table
        let directions = try table.directions(
            direction, rows: activations.rows, spread: spread, seed: seed, workers: workers)
        let estimator = report.options.estimator
        let detectors =
            estimator == direction && spread == nil
            ? directions : try table.directions(estimator, rows: activations.rows, seed: seed, workers: workers)
        let own: Set<String> = ["format", "fingerprint", "site", "labels", "groups"]
        self.init(
            directions: directions, detectors: detectors, report: report, fingerprint: fingerprint,
            site: activations.site, residualNorms: activations.residualNorms,
            provenance: activations.metadata.filter { !own.contains($0.key) })
    }
}

extension DirectionFile {
    /// The directions of probes, to make plans from.
    public init(_ probes: ProbeFile, place: String = "probes") {
        self.init(probes.directions, residualNorms: probes.residualNorms, site: probes.site, place: place)
        metadata = probes.provenance
        metadata["fingerprint"] = probes.fingerprint
        metadata["site"] = probes.site.fileName
        metadata["estimator"] = probes.directions[0].estimator.rawValue
    }
}
