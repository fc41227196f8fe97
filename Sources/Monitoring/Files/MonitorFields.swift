import DataFiles
import TensorCore
import Transformer

/// The JSON part of a monitor's file: everything that isn't a tensor.
///
/// It is read strictly, and written with the same names.
struct MonitorFields: Encodable {
    struct Model: Encodable {
        var architecture: String
        var layers: Int
        var heads: Int
        var headSize: Int
        var width: Int
        var precision: Precision
    }
    struct Behaviour: Encodable {
        var name: String
        var heads: [Spelled<Head>]
        var means: [Double]
        var sigmas: [Double]
        var thresholds: Aggregates
    }

    let model: Model
    let positions: WatchedPositions
    let smoothing: Double
    /// 64 bits, which is more than every reader of JSON keeps in a number.
    let seed: Spelled<UInt64>
    let tokenThreshold: Double
    let answerThreshold: Double
    let tolerances: ConsistencyTracker.Tolerances
    let behaviours: [Behaviour]
    let record: FitRecord

    init(_ monitor: HeadMonitor) {
        let own = monitor.model
        model = Model(
            architecture: own.architecture, layers: own.layers, heads: own.heads, headSize: own.headSize,
            width: own.width, precision: own.precision)
        positions = monitor.positions
        smoothing = monitor.smoothing
        seed = Spelled(monitor.seed)
        tokenThreshold = monitor.tokenThreshold
        answerThreshold = monitor.answerThreshold
        tolerances = monitor.tolerances
        behaviours = monitor.detectors.map { detector in
            Behaviour(
                name: detector.name, heads: detector.components.map { Spelled($0.head) },
                means: detector.components.map(\.mean), sigmas: detector.components.map(\.sigma),
                thresholds: detector.thresholds)
        }
        record = monitor.record
    }

    init(_ json: JSONObject) throws {
        try json.checkFields([
            "model", "positions", "smoothing", "seed", "tokenThreshold", "answerThreshold", "tolerances", "behaviours",
            "record",
        ])
        model = try Model(json.required("model", json.object))
        positions = try json.required("positions") { key in
            try json.string(key).map {
                guard let rule = WatchedPositions(rawValue: $0) else {
                    throw json.wrong(key, "one of \(WatchedPositions.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                return rule
            }
        }
        smoothing = try json.required("smoothing", json.double)
        guard smoothing > 0, smoothing <= 1 else { throw json.wrong("smoothing", "above 0 and at most 1") }
        let text = try json.required("seed", json.string)
        guard let seed = UInt64(text) else { throw json.wrong("seed", "a whole number as a string") }
        self.seed = Spelled(seed)
        tokenThreshold = try json.score("tokenThreshold")
        answerThreshold = try json.score("answerThreshold")
        let limits = try json.required("tolerances", json.object)
        try limits.checkFields(["mix", "output"])
        tolerances = ConsistencyTracker.Tolerances(
            mix: try limits.required("mix", limits.double), output: try limits.required("output", limits.double))
        guard [tolerances.mix, tolerances.output].allSatisfy({ $0 > 0 && $0 <= JSONObject.largestScore }) else {
            throw json.wrong("tolerances", "numbers above 0 and at most \(Int(JSONObject.largestScore))")
        }
        let model = model
        behaviours = try json.required("behaviours", json.objects).map { try Behaviour($0, model) }
        record = try FitRecord(json.required("record", json.object))
    }
}

/// A value that JSON holds as a string.
struct Spelled<Value: LosslessStringConvertible>: Encodable {
    let value: Value

    init(_ value: Value) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value.description)
    }
}

extension MonitorFields.Model {
    fileprivate init(_ json: JSONObject) throws {
        try json.checkFields(["architecture", "layers", "heads", "headSize", "width", "precision"])
        func size(_ key: String) throws -> Int {
            let value = try json.required(key, json.integer)
            // The tensors' shapes are compared with these: no product of them may overflow.
            guard (1...1 << 20).contains(value) else { throw json.wrong(key, "a number from 1 to \(1 << 20)") }
            return value
        }
        let precision = try json.required("precision", json.string)
        guard let known = Precision(rawValue: precision) else { throw json.wrong("precision", "exact or fast") }
        self.init(
            architecture: try json.required("architecture", json.string), layers: try size("layers"),
            heads: try size("heads"), headSize: try size("headSize"), width: try size("width"), precision: known)
    }
}

extension MonitorFields.Behaviour {
    fileprivate init(_ json: JSONObject, _ model: MonitorFields.Model) throws {
        try json.checkFields(["name", "heads", "means", "sigmas", "thresholds"])
        let heads = try json.required("heads", json.strings).map { text in
            guard let head = Head(text), head.layer < model.layers, head.index < model.heads else {
                throw json.wrong("heads", "a list of the model's heads, L.H (\(text))")
            }
            return head
        }
        let (means, sigmas) = (try json.required("means", json.doubles), try json.required("sigmas", json.doubles))
        guard !heads.isEmpty, Set(heads).count == heads.count else {
            throw json.wrong("heads", "a list of heads, each once")
        }
        guard means.count == heads.count else { throw json.wrong("means", "one number for each head") }
        // Activations are float32: no mean lies beyond its range, and no spread is far below its least values.
        guard means.allSatisfy({ abs($0) <= Double(Float.greatestFiniteMagnitude) }) else {
            throw json.wrong("means", "a list of numbers within the range of float32")
        }
        guard sigmas.count == heads.count,
            sigmas.allSatisfy({ (1e-45...Double(Float.greatestFiniteMagnitude)).contains($0) })
        else {
            throw json.wrong("sigmas", "one number above 0, within the range of float32, for each head")
        }
        let limits = try json.required("thresholds", json.object)
        try limits.checkFields(["maximum", "mean", "ewma"])
        self.init(
            name: try json.required("name", json.string), heads: heads.map { Spelled($0) }, means: means,
            sigmas: sigmas,
            thresholds: Aggregates(
                maximum: try limits.score("maximum"), mean: try limits.score("mean"), ewma: try limits.score("ewma")))
    }
}

extension FitRecord {
    fileprivate init(_ json: JSONObject) throws {
        try json.checkFields([
            "fitTexts", "fitGroups", "fitTokens", "calibrationTexts", "calibrationGroups", "calibrationTokens",
            "falseAlarms", "tokenRate", "answerRate", "shrinkage", "writtenTokens", "provenance",
        ])
        let other = try json.required("provenance", json.object)
        var provenance: [String: String] = [:]
        for key in other.keys { provenance[key] = try other.required(key, other.string) }
        func count(_ key: String) throws -> Int {
            let value = try json.required(key, json.integer)
            guard value >= 0 else { throw json.wrong(key, "a number of at least 0") }
            return value
        }
        func share(_ key: String) throws -> Double {
            let value = try json.required(key, json.double)
            guard (0...1).contains(value) else { throw json.wrong(key, "a share from 0 to 1") }
            return value
        }
        let falseAlarms = try share("falseAlarms")
        guard falseAlarms > 0, falseAlarms < 1 else { throw json.wrong("falseAlarms", "above 0 and below 1") }
        let writtenTokens = try json.integer("writtenTokens")
        guard writtenTokens ?? 1 >= 1 else { throw json.wrong("writtenTokens", "a number of at least 1") }
        self.init(
            fitTexts: try count("fitTexts"), fitGroups: try count("fitGroups"), fitTokens: try count("fitTokens"),
            calibrationTexts: try count("calibrationTexts"), calibrationGroups: try count("calibrationGroups"),
            calibrationTokens: try count("calibrationTokens"), falseAlarms: falseAlarms,
            tokenRate: try share("tokenRate"), answerRate: try share("answerRate"), shrinkage: try share("shrinkage"),
            writtenTokens: writtenTokens, provenance: provenance)
    }
}

extension JSONObject {
    /// More than any score: scores of heads are a few thousand at most, and scores of behaviours are in clean σ.
    fileprivate static let largestScore = 1e6

    /// A field with a score or a threshold of scores.
    fileprivate func score(_ key: String) throws -> Double {
        let value = try required(key, double)
        guard abs(value) <= Self.largestScore else {
            throw wrong(key, "a number of at most \(Int(Self.largestScore)) either way")
        }
        return value
    }
}
