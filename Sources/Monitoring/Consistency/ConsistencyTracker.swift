import Intervention
import TensorCore
import Transformer

/// Checks the forward passes of one sequence against the relations of ``RelationChecks``, at the positions and layers
/// of a schedule.
final class ConsistencyTracker {
    /// The largest relative deviations that rounding explains.
    struct Tolerances: Sendable, Equatable, Encodable {
        var mix: Double
        var output: Double
        /// Sums of the residual stream are repeated exactly; this only scales ratios.
        static let stream = 1e-6
    }

    private let c: ModelConfiguration
    private let schedule: LayerTurns
    /// The first position that is watched.
    private let first: Int
    private let checks: RelationChecks
    private let past: ProjectedValues
    private(set) var positions = 0
    /// The layers whose turn it is in the observed pass.
    private var turn: [Int] = []
    private var isInTurn: [Bool]
    /// The largest relative deviations seen so far.
    var largest: Tolerances { checks.largest }

    /// The tolerance if clean texts deviated this much: ten times the largest deviation, and at least 10⁻⁴.
    ///
    /// That is hundreds of times the rounding of float32 sums and a thousandth of what steering changes.
    static func tolerance(_ deviations: [Double]) -> Double { max(10 * (deviations.max() ?? 0), 1e-4) }

    init(
        _ configuration: ModelConfiguration, signature: OutputSignature, seed: UInt64, schedule: LayerTurns,
        tolerances: Tolerances, first: Int
    ) {
        c = configuration
        self.schedule = schedule
        self.first = first
        let probe = RandomProbe.vector(configuration.headSize, seed: seed, stream: 2)
        checks = RelationChecks(configuration, signature: signature, probe: probe, tolerances: tolerances)
        past = ProjectedValues(configuration, probe: probe)
        isInTurn = [Bool](repeating: false, count: configuration.layers)
    }

    /// The layers whose turn it is at a position, in the order in which a pass reaches them.
    private func layers(at position: Int) -> [Int] { schedule.layers(at: position, first: first).sorted() }

    // MARK: - Many positions, read

    /// What has to be read at the next `count` positions, besides z at the watched ones.
    func reads(next count: Int) -> [Read] {
        var reads = (0..<c.layers).map { Read(.value($0), at: .all) }
        for position in positions..<positions + count {
            let rule = PositionRule.range(from: position, to: position + 1)
            for layer in layers(at: position) { reads += sitesOfRelations(layer).map { Read($0, at: rule) } }
        }
        return reads
    }

    /// The sites of a layer's relations except z, in the order in which a pass reaches them.
    private func sitesOfRelations(_ layer: Int) -> [Site] {
        var sites: [Site] = [.residualPre(layer), .pattern(layer), .attentionOut(layer)]
        if c.blocks[layer].residual == .sequential { sites.append(.residualMid(layer)) }
        sites += [.mlpOut(layer), .residualPost(layer)]
        if layer + 1 < c.layers { sites.append(.residualPre(layer + 1)) }
        return sites
    }

    /// Takes the results that ``reads(next:)`` asked for.
    ///
    /// - Parameters:
    ///   - reads: the results, in the order of the reads.
    ///   - count: how many tokens the pass took.
    ///   - z: for each layer, z at the watched positions among these.
    func take(_ reads: ArraySlice<ReadResult>, next count: Int, z: [ReadResult]) -> [Inconsistency] {
        let start = positions
        keep(reads.prefix(c.layers), count: count)
        positions += count
        var next = reads.startIndex + c.layers
        for position in start..<start + count {
            for layer in layers(at: position) {
                let row = z[layer].positions.firstIndex(of: position)
                for site in sitesOfRelations(layer) {
                    let values = reads[next].values.elements
                    next += 1
                    guard let row else { continue }
                    values.withUnsafeBufferPointer { take(site, $0, of: layer, position: position) }
                    guard site.kind == .pattern else { continue }
                    z[layer].values.row(row).withUnsafeBufferPointer {
                        take(.z(layer), $0, of: layer, position: position)
                    }
                }
            }
        }
        return checks.takeFound()
    }

    private func take(_ site: Site, _ values: UnsafeBufferPointer<Float>, of layer: Int, position: Int) {
        if site.layer == layer {
            checks.take(site.kind, layer, values, position: position, past: past, known: positions)
        } else if let next = site.layer, let start = values.baseAddress {
            checks.check(stream: start, site.kind, next, position: position)
        }
    }

    private func keep(_ reads: ArraySlice<ReadResult>, count: Int) {
        past.reserve(positions + count, used: positions)
        for (layer, read) in reads.enumerated() {
            read.values.elements.withUnsafeBufferPointer { values in
                guard let values = values.baseAddress else { return }
                for row in 0..<count {
                    past.keep(layer, values + row * c.kvHeads * c.headSize, position: positions + row)
                }
            }
        }
    }

    // MARK: - One position, observed

    private static let sitesOfEveryLayer = SiteKinds(.value)
    private static let sitesInTurn = SiteKinds(
        .value, .residualPre, .pattern, .z, .attentionOut, .residualMid, .mlpOut, .residualPost)

    /// Prepares for a pass over the next position, whose values are observed.
    func begin() {
        past.reserve(positions + 1, used: positions)
        for layer in turn { isInTurn[layer] = false }
        turn = layers(at: positions)
        for layer in turn { isInTurn[layer] = true }
        // A cancelled pass may have left some.
        _ = checks.takeFound()
    }

    /// The sites of a layer that are looked at in the pass that ``begin()`` prepared for.
    func sites(of layer: Int) -> SiteKinds {
        if isInTurn[layer] { return Self.sitesInTurn }
        var sites = Self.sitesOfEveryLayer
        if layer > 0, isInTurn[layer - 1] { sites.insert(.residualPre) }
        return sites
    }

    func observe(_ kind: SiteKind, _ layer: Int, _ values: UnsafeBufferPointer<Float>) {
        if kind == .value {
            if let start = values.baseAddress { past.keep(layer, start, position: positions) }
            return
        }
        if kind == .residualPre, layer > 0, isInTurn[layer - 1], let start = values.baseAddress {
            checks.check(stream: start, kind, layer, position: positions)
        }
        guard isInTurn[layer] else { return }
        checks.take(kind, layer, values, position: positions, past: past, known: positions + 1)
    }

    /// What was found in the observed pass.
    func finish() -> [Inconsistency] {
        positions += 1
        return checks.takeFound()
    }
}
