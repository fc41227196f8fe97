import DataFiles
import Intervention
import TensorCore
import Transformer

/// Watches one sequence as it goes through a model: says what each pass has to read, and takes what it has read.
///
/// ```swift
/// let watch = SequenceWatch(monitor, model.configuration, promptCount: prompt.count, workers: workers)
/// let result = try run.advance([Step(tokens: prompt, edits: edits, reads: watch.reads(next: prompt.count))])[0]
/// for score in watch.take(result.reads, next: prompt.count) where score.isAlarm { … }
/// ```
///
/// The values are read after all edits, so a steered run is seen as it is. Nothing is changed. Use it from one thread
/// at a time.
public final class SequenceWatch {
    /// The monitor that watches.
    public let monitor: HeadMonitor
    /// The newest scores of all heads, [L · H]; layers take turns.
    public internal(set) var headScores: [Float]
    /// The monitor's scores of the text so far.
    public var answer: AnswerScore { accumulator.answer(monitor) }

    private let workers: WorkerPool
    let tracker: HeadTracker
    private let consistency: ConsistencyTracker?
    private let first: Int
    let statistics = FloatBuffer()
    /// z of each layer at the observed position, one row, and whether it is looked at.
    private var observedZ: [Matrix] = []
    private var takesZ: [Bool]
    /// The layers that behaviours are read from.
    private let layersOfDetectors: Set<Int>
    var accumulator: AnswerAccumulator
    /// The number of positions taken.
    private(set) var position = 0
    /// Whether a position has passed the threshold of answers.
    var isFlagged: Bool { accumulator.isFlagged }

    /// - Parameters:
    ///   - configuration: the configuration of the watched model, which has the shape of the monitor's own.
    ///   - promptCount: P, the number of prompt tokens.
    ///   - checksConsistency: whether the relations between values are checked besides the envelope; on by default.
    /// - Precondition: the model has the shape of the one that the monitor was fitted on.
    public init(
        _ monitor: HeadMonitor, _ configuration: ModelConfiguration, promptCount: Int, workers: WorkerPool,
        checksConsistency: Bool = true
    ) {
        precondition(
            configuration.layers == monitor.model.layers && configuration.heads == monitor.model.heads
                && configuration.headSize == monitor.model.headSize && configuration.width == monitor.model.width,
            "A monitor watches models of the shape that it was fitted on.")
        self.monitor = monitor
        self.workers = workers
        first = monitor.positions.first(promptCount: promptCount)
        let layers = configuration.layers
        tracker = HeadTracker(
            monitor.envelope, smoothing: monitor.smoothing, workers: workers, turns: .range(layers: layers))
        consistency =
            checksConsistency
            ? ConsistencyTracker(
                configuration, signature: monitor.signature, seed: monitor.seed,
                schedule: .sums(layers: layers), tolerances: monitor.tolerances, first: first) : nil
        headScores = [Float](repeating: 0, count: layers * configuration.heads)
        layersOfDetectors = Set(monitor.detectors.flatMap { $0.components.map(\.head.layer) })
        takesZ = [Bool](repeating: false, count: layers)
        accumulator = AnswerAccumulator(monitor)
    }

    /// The largest relative deviations of the consistency checks so far.
    var largestDeviations: ConsistencyTracker.Tolerances? { consistency?.largest }

    /// The reads that the pass over the next `count` tokens needs.
    public func reads(next count: Int) -> [Read] {
        (0..<monitor.model.layers).map { Read(.z($0), at: monitor.positions.rule) }
            + (consistency?.reads(next: count) ?? [])
    }

    /// Takes the results of a pass.
    ///
    /// - Parameters:
    ///   - reads: the results of ``reads(next:)``, in their order.
    ///   - count: how many tokens the pass took.
    /// - Returns: the scores of the watched positions among them.
    public func take(_ reads: [ReadResult], next count: Int) -> [TokenScore] {
        let layers = monitor.model.layers
        let changed =
            consistency?.take(reads[layers...], next: count, z: Array(reads.prefix(layers))) ?? []
        position += count
        let positions = reads[0].positions.filter { $0 >= first }
        guard !positions.isEmpty else { return [] }
        let left = reads[0].positions.count - positions.count
        return scores(of: positions, z: reads.prefix(layers).map { $0.values.dropping(rows: left) }, changed)
    }

    // MARK: - One position, observed

    /// Prepares for a pass over the next token that this watch observes, in place of ``reads(next:)``: what is examined
    /// at every token has to be cheap.
    package func begin() {
        consistency?.begin()
        if observedZ.isEmpty {
            observedZ = (0..<monitor.model.layers).map { _ in
                Matrix(rows: 1, columns: monitor.model.heads * monitor.model.headSize)
            }
        }
        for layer in takesZ.indices { takesZ[layer] = false }
        guard position >= first else { return }
        for layer in tracker.layers() { takesZ[layer] = true }
        for layer in layersOfDetectors { takesZ[layer] = true }
    }

    /// Takes what was observed since ``begin()``.
    ///
    /// - Returns: the position's score, if it is watched.
    package func finish() -> [TokenScore] {
        let changed = consistency?.finish() ?? []
        position += 1
        return position > first ? scores(of: [position - 1], z: observedZ, changed) : []
    }
}

extension SequenceWatch: SiteObserver {
    package func sites(of layer: Int) -> SiteKinds {
        var sites = consistency?.sites(of: layer) ?? SiteKinds()
        if takesZ[layer] { sites.insert(.z) }
        return sites
    }

    package func observe(_ kind: SiteKind, _ layer: Int, _ values: UnsafeBufferPointer<Float>) {
        consistency?.observe(kind, layer, values)
        guard kind == .z, takesZ[layer] else { return }
        observedZ[layer].elements.withUnsafeMutableBufferPointer { z in
            guard let z = z.baseAddress, let start = values.baseAddress else { return }
            z.update(from: start, count: values.count)
        }
    }
}
