import Intervention
import TensorCore
import Transformer

/// Checks one sequence's forward passes against ``ConsistencyRelation``s, at the positions and layers of a schedule.
///
/// Of every position's values v it keeps r · v alone, one number for each key-value head, which is what r · z is a sum of:
/// r · z = Σₜ pₜ (r · vₜ), p being the attention pattern.
final class ConsistencyTracker {
    /// The largest relative deviations that rounding explains.
    struct Tolerances: Sendable, Equatable, Encodable {
        var mix: Double
        var output: Double
        /// Sums of the residual stream are repeated exactly; this only scales ratios.
        static let stream = 1e-6
    }

    private let c: ModelConfiguration
    private let signature: OutputSignature
    private let probe: [Float]
    private let schedule: LayerTurns
    private let tolerances: Tolerances
    /// The first position that is watched.
    private let first: Int
    /// r · v, [L · K][capacity].
    private var projected = FloatBuffer()
    private var capacity = 0
    private(set) var positions = 0
    /// The layers whose turn it is in the pass that is observed, and each layer's place among them; −1 for none.
    private var turn: [Int] = []
    private var placeInTurn: [Int]
    /// For each place the values of its layer's sites, in the order of ``ObservedSite``, place after place.
    private var observed: [[Float]] = []
    /// What the values of each layer are clipped at before the cache keeps them.
    private let clips: [Float?]
    /// The largest relative deviations that were seen.
    private(set) var largest = Tolerances(mix: 0, output: 0)

    /// What is tolerated where clean texts deviated so much: ten times the most, and at least 10⁻⁴, which is hundreds of times
    /// the rounding of float32 sums and a thousandth of what steering changes.
    static func tolerance(_ deviations: [Double]) -> Double { max(10 * (deviations.max() ?? 0), 1e-4) }

    init(
        _ configuration: ModelConfiguration, signature: OutputSignature, seed: UInt64, schedule: LayerTurns,
        tolerances: Tolerances, first: Int
    ) {
        c = configuration
        self.signature = signature
        probe = RandomProbe.vector(configuration.headSize, seed: seed, stream: 2)
        self.schedule = schedule
        self.tolerances = tolerances
        self.first = first
        placeInTurn = [Int](repeating: -1, count: configuration.layers)
        clips = configuration.blocks.map(\.attention.clip)
    }

    /// What has to be read of the next `count` positions, besides z of the watched ones.
    func reads(next count: Int) -> [Read] {
        var reads = (0..<c.layers).map { Read(.value($0), at: .all) }
        for position in positions..<positions + count {
            let rule = PositionRule.range(from: position, to: position + 1)
            for layer in schedule.layers(at: position, first: first) {
                reads += sitesOfRelations(layer).map { Read($0, at: rule) }
            }
        }
        return reads
    }

    /// The sites of a layer's relations.
    private func sitesOfRelations(_ layer: Int) -> [Site] {
        var sites: [Site] = [.pattern(layer), .attentionOut(layer), .residualPre(layer)]
        if c.blocks[layer].residual == .sequential { sites.append(.residualMid(layer)) }
        sites += [.mlpOut(layer), .residualPost(layer)]
        if layer + 1 < c.layers { sites.append(.residualPre(layer + 1)) }
        return sites
    }

    /// Takes what ``reads(next:)`` asked for.
    ///
    /// - Parameters:
    ///   - reads: the results, in the order of the reads.
    ///   - z: z of the watched positions among these, for each layer.
    func take(_ reads: ArraySlice<ReadResult>, next count: Int, z: [ReadResult]) -> [Inconsistency] {
        let start = positions
        keep(reads.prefix(c.layers), count: count)
        positions += count
        var found: [Inconsistency] = []
        var next = reads.startIndex + c.layers
        for position in start..<start + count {
            for layer in schedule.layers(at: position, first: first) {
                let sites = sitesOfRelations(layer)
                let values = reads[next..<next + sites.count].map { $0.values.elements }
                next += sites.count
                guard let row = z[layer].positions.firstIndex(of: position) else { continue }
                found += check(layer, position: position, z: z[layer].values.row(row), values)
            }
        }
        return found
    }

    // MARK: - One position, observed

    /// The sites of a layer's relations, in the order in which a pass reaches them.
    private enum ObservedSite: Int, CaseIterable {
        case pattern, attentionOut, residualPre, residualMid, mlpOut, residualPost, nextResidualPre

        static let count = allCases.count

        static func of(_ kind: SiteKind) -> ObservedSite? {
            switch kind {
            case .pattern: .pattern
            case .attentionOut: .attentionOut
            case .residualPre: .residualPre
            case .residualMid: .residualMid
            case .mlpOut: .mlpOut
            case .residualPost: .residualPost
            default: nil
            }
        }
    }

    /// Prepares for a pass over the next position, whose values are observed.
    func begin() {
        reserve(positions + 1)
        for layer in turn { placeInTurn[layer] = -1 }
        turn = schedule.layers(at: positions, first: first)
        for (place, layer) in turn.enumerated() { placeInTurn[layer] = place }
        while observed.count < turn.count * ObservedSite.count { observed.append([]) }
    }

    /// What is looked at of a layer in the pass that ``begin()`` prepared for.
    func sites(of layer: Int) -> SiteKinds {
        var sites = SiteKinds(.value)
        if placeInTurn[layer] >= 0 {
            sites.formUnion(
                SiteKinds(.z, .pattern, .attentionOut, .residualPre, .residualMid, .mlpOut, .residualPost))
        }
        if layer > 0, placeInTurn[layer - 1] >= 0 { sites.insert(.residualPre) }
        return sites
    }

    func observe(_ kind: SiteKind, _ layer: Int, _ values: UnsafeBufferPointer<Float>) {
        if kind == .value {
            if let start = values.baseAddress { keep(layer, start, position: positions) }
            return
        }
        guard let site = ObservedSite.of(kind) else { return }
        copy(values, place: placeInTurn[layer], site)
        if site == .residualPre, layer > 0 { copy(values, place: placeInTurn[layer - 1], .nextResidualPre) }
    }

    private func copy(_ values: UnsafeBufferPointer<Float>, place: Int, _ site: ObservedSite) {
        guard place >= 0 else { return }
        let index = place * ObservedSite.count + site.rawValue
        observed[index].removeAll(keepingCapacity: true)
        observed[index].append(contentsOf: values)
    }

    /// Checks what was observed.
    ///
    /// - Parameter z: of each layer, one row; only of those in turn it has to be there.
    func finish(z: [Matrix]) -> [Inconsistency] {
        let position = positions
        positions += 1
        return turn.enumerated().flatMap { place, layer in
            let sites: [ObservedSite] =
                [.pattern, .attentionOut, .residualPre]
                + (c.blocks[layer].residual == .sequential ? [.residualMid] : []) + [.mlpOut, .residualPost]
                + (layer + 1 < c.layers ? [.nextResidualPre] : [])
            return check(
                layer, position: position, z: z[layer].row(0),
                sites.map { observed[place * ObservedSite.count + $0.rawValue] })
        }
    }

    // MARK: - Values

    private func keep(_ reads: ArraySlice<ReadResult>, count: Int) {
        reserve(positions + count)
        for (layer, read) in reads.enumerated() {
            read.values.elements.withUnsafeBufferPointer { values in
                guard let values = values.baseAddress else { return }
                for row in 0..<count {
                    keep(layer, values + row * c.kvHeads * c.headSize, position: positions + row)
                }
            }
        }
    }

    /// Keeps r · v of one layer's heads at one position.
    private func keep(_ layer: Int, _ values: UnsafePointer<Float>, position: Int) {
        let clip = clips[layer]
        for head in 0..<c.kvHeads {
            let own = values + head * c.headSize
            projected.pointer[(layer * c.kvHeads + head) * capacity + position] =
                clip.map { limit in
                    // The cache keeps clipped values; the site comes before.
                    (0..<c.headSize).reduce(0) { $0 + probe[$1] * min(max(own[$1], -limit), limit) }
                } ?? Elementwise.dot(own, probe, count: c.headSize)
        }
    }

    private func reserve(_ count: Int) {
        guard count > capacity else { return }
        let grown = FloatBuffer(capacity: c.layers * c.kvHeads * max(2 * capacity, count, 64))
        let newCapacity = grown.capacity / (c.layers * c.kvHeads)
        for head in 0..<c.layers * c.kvHeads where positions > 0 {
            (grown.pointer + head * newCapacity).update(from: projected.pointer + head * capacity, count: positions)
        }
        projected = grown
        capacity = newCapacity
    }

    // MARK: - Relations

    /// - Parameter values: of the layer's sites, in the order of ``sitesOfRelations(_:)``.
    private func check(
        _ layer: Int, position: Int, z: ArraySlice<Float>, _ values: [[Float]]
    ) -> [Inconsistency] {
        mix(layer, position: position, z: z, pattern: values[0])
            + output(layer, position: position, z: z, attentionOut: values[1])
            + streams(layer, position: position, values)
    }

    /// r · z = Σ p (r · v) for each head.
    private func mix(_ layer: Int, position: Int, z: ArraySlice<Float>, pattern: [Float]) -> [Inconsistency] {
        let keys = pattern.count / c.heads
        let group = c.heads / c.kvHeads
        var found: [Inconsistency] = []
        z.withUnsafeBufferPointer { z in
            pattern.withUnsafeBufferPointer { pattern in
                guard let z = z.baseAddress, let pattern = pattern.baseAddress else { return }
                for head in 0..<c.heads {
                    let own = z + head * c.headSize
                    let values = projected.pointer + (layer * c.kvHeads + head / group) * capacity
                    let actual = Double(Elementwise.dot(own, probe, count: c.headSize))
                    let expected = Double(Elementwise.dot(pattern + head * keys, values, count: min(keys, positions)))
                    let norm = Double(Elementwise.dot(own, own, count: c.headSize)).squareRoot()
                    let deviation = Self.deviation(actual, expected, norm)
                    largest.mix = max(largest.mix, deviation)
                    if deviation > tolerances.mix {
                        let place = EditTarget.head(Head(layer: layer, index: head))
                        found.append(
                            Inconsistency(position: position, place: place, ratio: deviation / tolerances.mix))
                    }
                }
            }
        }
        return found
    }

    /// r · a = m ((W_Oᵀ r) · z + r · b).
    private func output(
        _ layer: Int, position: Int, z: ArraySlice<Float>, attentionOut: [Float]
    ) -> [Inconsistency] {
        guard !c.blocks[layer].norms.contains(.afterAttention) else { return [] }
        let width = c.heads * c.headSize
        let weighted = z.withUnsafeBufferPointer { z in
            signature.weights.withUnsafeBufferPointer { weights in
                guard let z = z.baseAddress, let weights = weights.baseAddress else { return Float(0) }
                return Elementwise.dot(z, weights + layer * width, count: width)
            }
        }
        let expected =
            Double(c.blocks[layer].residualMultiplier) * (Double(weighted) + Double(signature.offsets[layer]))
        let actual = Double(Elementwise.dot(attentionOut, signature.probe, count: c.width))
        let norm = Double(Elementwise.dot(attentionOut, attentionOut, count: c.width)).squareRoot()
        let deviation = Self.deviation(actual, expected, norm)
        largest.output = max(largest.output, deviation)
        guard deviation > tolerances.output else { return [] }
        return [
            Inconsistency(
                position: position, place: .layer(layer, .attentionOut), ratio: deviation / tolerances.output)
        ]
    }

    /// The stream's sums, which are repeated exactly.
    private func streams(_ layer: Int, position: Int, _ values: [[Float]]) -> [Inconsistency] {
        var found: [Inconsistency] = []
        func check(_ actual: [Float], _ kind: SiteKind, _ layer: Int, is first: [Float], plus second: [Float]? = nil) {
            guard let ratio = StreamSum.ratio(actual, first, second) else { return }
            found.append(
                Inconsistency(
                    position: position, place: .layer(layer, kind), ratio: max(ratio / Tolerances.stream, 1.01)))
        }
        let (attention, before) = (values[1], values[2])
        let after: [Float]
        switch c.blocks[layer].residual {
        case .sequential:
            after = values[5]
            check(values[3], .residualMid, layer, is: before, plus: attention)
            check(after, .residualPost, layer, is: values[3], plus: values[4])
        case .parallel:
            after = values[4]
            check(after, .residualPost, layer, is: StreamSum.sum(before, attention), plus: values[3])
        }
        if layer + 1 < c.layers, let next = values.last { check(next, .residualPre, layer + 1, is: after) }
        return found
    }

    private static func deviation(_ actual: Double, _ expected: Double, _ norm: Double) -> Double {
        let scale = norm + abs(expected)
        // Values whose squares are too large for a number are no rounding.
        guard scale.isFinite, actual.isFinite else { return .infinity }
        return abs(actual - expected) / max(scale, .leastNormalMagnitude)
    }
}
