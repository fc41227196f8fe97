import Checkpoints
import DataFiles
import Foundation
import TensorCore
import Transformer

extension HeadMonitor {
    /// Reads a monitor's file strictly: every tensor and every field must be there in the right shape and kind, nothing
    /// else may be there, and every value must be finite.
    ///
    /// - Throws: `InputError` that names the wrong tensor or field.
    public init(contentsOf url: URL) throws {
        let reader = try MonitorFileReader(SafetensorsFile(contentsOf: url))
        let about = try MonitorFields(reader.about())
        let model = about.model
        let (layers, heads, size) = (model.layers, model.heads, model.headSize)
        let count = [layers, heads]
        let scale = try reader.positive("scale", count)
        let statistics = [HeadStatistic.count, layers, heads]
        let probe = try reader.floats("output.probe", [model.width])
        guard probe.allSatisfy({ RandomProbe.range.contains(abs($0)) }) else {
            throw reader.failure("a value whose magnitude is not from 0.5 to 1.5", "output.probe")
        }
        var detectors: [BehaviourDetector] = []
        for (index, behaviour) in about.behaviours.enumerated() {
            let directions = try reader.units("behaviour.\(index)", [behaviour.heads.count, size])
            detectors.append(
                BehaviourDetector(
                    name: behaviour.name,
                    components: behaviour.heads.enumerated().map { row, head in
                        BehaviourDetector.Component(
                            head: head.value, direction: Array(directions[row * size..<(row + 1) * size]),
                            mean: behaviour.means[row], sigma: behaviour.sigmas[row])
                    }, thresholds: behaviour.thresholds))
        }
        self.init(
            model: MonitoredModel(
                fingerprint: reader.fingerprint, architecture: model.architecture, layers: layers, heads: heads,
                headSize: size, width: model.width, precision: model.precision),
            positions: about.positions, smoothing: about.smoothing,
            envelope: try HeadEnvelope(
                layers: layers, heads: heads, headSize: size, mean: try reader.floats("mean", [layers, heads, size]),
                scale: scale, whitening: try reader.whitening([layers, heads, size, size])),
            standards: HeadStandards(
                centre: try reader.floats("statistics.centre", statistics, within: HeadStatistic.range),
                inverseWidth: try reader.positive(
                    "statistics.inverse-width", statistics, atMost: 1.001 / HeadStandards.leastWidth)),
            radii: try reader.positive("radius", count),
            signature: OutputSignature(
                probe: probe, weights: try reader.floats("output.weights", [layers, heads, size]),
                offsets: try reader.floats("output.offset", [layers])),
            tolerances: about.tolerances, seed: about.seed.value, detectors: detectors,
            tokenThreshold: about.tokenThreshold, answerThreshold: about.answerThreshold, record: about.record)
        try reader.requireAllUsed()
    }

    /// Checks that a model is the one that the monitor was fitted on.
    ///
    /// - Parameters:
    ///   - allowOtherModel: whether another file of the same shape will do, such as one with baked edits.
    ///     ``OutputSignature/differences(from:heads:headSize:)`` then tells what differs in its output projections, and
    ///     the monitor sees it.
    ///   - place: the monitor's file, for messages.
    /// - Throws: `InputError` if the architecture, the shape, the precision or the fingerprint differs.
    public func check(
        _ other: LanguageModel, allowOtherModel: Bool = false, workers: WorkerPool, place: String = "the monitor"
    ) throws {
        let c = other.configuration
        for (field, expected, actual) in [
            ("architecture", model.architecture, c.architecture), ("layers", "\(model.layers)", "\(c.layers)"),
            ("heads", "\(model.heads)", "\(c.heads)"), ("headSize", "\(model.headSize)", "\(c.headSize)"),
            ("width", "\(model.width)", "\(c.width)"),
        ] where expected != actual {
            throw InputError(
                .otherModel, "a monitor for a model with \(field) = \(expected), but this model has \(actual)",
                in: place, remedy: "fit one on this model: headsteer monitor fit")
        }
        guard model.precision == other.precision else {
            throw InputError.usage(
                "a monitor that was fitted in \(model.precision.rawValue) precision for a run in "
                    + other.precision.rawValue,
                remedy: "give --precision \(model.precision.rawValue), or fit one in the other precision")
        }
        guard !allowOtherModel else { return }
        let fingerprint = try other.fingerprint(workers: workers)
        guard fingerprint == model.fingerprint else {
            throw InputError(
                .otherModel,
                "a monitor for another model (\(model.fingerprint.prefix(19))…, this one is "
                    + "\(fingerprint.prefix(19))…)",
                in: place,
                remedy: "fit one on this model, or give --watch-other-model to watch another model of the same shape")
        }
    }
}

/// Takes the parts of a file one by one and knows which were never asked for.
private final class MonitorFileReader {
    let file: SafetensorsFile
    let fingerprint: String
    private var used: Set<String> = []

    init(_ file: SafetensorsFile) throws {
        self.file = file
        func failure(_ problem: String, _ place: String, _ kind: InputError.Kind = .badData) -> InputError {
            InputError(kind, problem, in: "\(file.file.path): \(place)", remedy: MonitorFile.remedy)
        }
        guard let format = file.metadata["format"] else { throw failure("no string format", "metadata", .missingPart) }
        guard format == HeadMonitor.format else {
            throw failure(
                "the format \(format.prefix(40)) instead of \(HeadMonitor.format)", "metadata format", .unsupported)
        }
        let known: Set<String> = ["format", "fingerprint", "monitor"]
        if let other = file.metadata.keys.sorted().first(where: { !known.contains($0) }) {
            throw failure("an unknown string", "metadata \(other)", .unknownName)
        }
        guard let fingerprint = file.metadata["fingerprint"] else {
            throw failure("no string fingerprint", "metadata", .missingPart)
        }
        self.fingerprint = fingerprint
    }

    func about() throws -> JSONObject {
        guard let text = file.metadata["monitor"] else {
            throw failure("no string monitor", "metadata", kind: .missingPart)
        }
        return try JSONObject(data: Data(text.utf8), place: "\(file.file.path): metadata monitor")
    }

    func failure(_ problem: String, _ place: String, kind: InputError.Kind = .badData) -> InputError {
        InputError(kind, problem, in: "\(file.file.path): \(place)", remedy: MonitorFile.remedy)
    }

    /// The values of a tensor, which must have the given type and shape.
    func floats(_ name: String, _ shape: [Int], type: String = "F32") throws -> [Float] {
        used.insert(name)
        guard let entry = file[name] else { throw failure("no tensor \(name)", "tensors", kind: .missingPart) }
        guard entry.type == type, entry.shape == shape else {
            throw failure("\(entry.type) \(entry.shape) instead of \(type) \(shape)", name)
        }
        let values = try file.floats(name)
        guard values.allSatisfy(\.isFinite) else {
            throw failure("a NaN or infinite value", name, kind: .notFinite)
        }
        return values
    }

    func floats(_ name: String, _ shape: [Int], within range: ClosedRange<Float>) throws -> [Float] {
        let values = try floats(name, shape)
        guard values.allSatisfy(range.contains) else {
            throw failure("a value that is not from \(range.lowerBound) to \(range.upperBound)", name)
        }
        return values
    }

    func positive(_ name: String, _ shape: [Int], atMost largest: Float = .infinity) throws -> [Float] {
        let values = try floats(name, shape)
        guard values.allSatisfy({ $0 > 0 && $0 <= largest }) else {
            throw failure("a value that is not above 0" + (largest.isFinite ? " and at most \(largest)" : ""), name)
        }
        return values
    }

    /// Rows that are unit vectors.
    func units(_ name: String, _ shape: [Int]) throws -> [Float] {
        let values = try floats(name, shape)
        for row in 0..<shape[0] {
            let square = values[row * shape[1]..<(row + 1) * shape[1]].reduce(0.0) { $0 + Double($1) * Double($1) }
            guard abs(square - 1) < 1e-3 else { throw failure("a row that is not a unit vector", name) }
        }
        return values
    }

    /// The transforms of all heads.
    func whitening(_ shape: [Int]) throws -> [Float] {
        let values = try floats("whitening", shape, type: "F16")
        let size = shape[3]
        for row in 0..<values.count / size {
            let diagonal = row * size + row % size
            guard values[(diagonal + 1)..<((row + 1) * size)].allSatisfy({ $0 == 0 }) else {
                throw failure("a matrix that is not lower triangular", "whitening")
            }
        }
        return values
    }

    func requireAllUsed() throws {
        if let other = file.entries.first(where: { !used.contains($0.name) }) {
            throw failure("a tensor that no monitor has", other.name, kind: .unknownName)
        }
    }
}
