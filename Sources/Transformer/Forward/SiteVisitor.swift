import DataFiles
import TensorCore

/// Looks at the values of one sequence while a pass computes them: without copies, for work that must be cheap at every
/// token.
package protocol SiteObserver: AnyObject {
    /// The sites of a layer to look at in the next pass; called once before each pass.
    func sites(of layer: Int) -> SiteKinds
    /// Receives a site's values at one position, after all edits: as many as the site has, H · T for the pattern.
    func observe(_ kind: SiteKind, _ layer: Int, _ values: UnsafeBufferPointer<Float>)
}

/// Applies a pass's edits and keeps what its reads ask for, at each site as it is computed.
final class SiteVisitor {
    private struct EditTarget {
        let edit: Edit
        let step: Int
        let range: Range<Int>
        /// The index of its gate in `gates`.
        let gate: Int?
    }
    private struct GateTarget {
        let gate: Gate
        let step: Int
        let range: Range<Int>
    }
    private struct ReadTarget {
        let rule: PositionRule
        let step: Int
        let index: Int
    }

    private struct Observation {
        let step: Int
        let observer: any SiteObserver
        /// The sites that it looks at, for each layer.
        let sites: [SiteKinds]
    }

    private let configuration: ModelConfiguration
    /// The edits at each slot, which stands for a layer's site; most slots have none.
    private let edits: [Int: [EditTarget]]
    private let reads: [Int: [ReadTarget]]
    private let gates: [GateTarget]
    /// The indices of the gates that are decided at a slot.
    private let gatesOfSlot: [Int: [Int]]
    /// For each gate, the positions where it is open, among those decided so far.
    private var openPositions: [Set<Int>]
    /// For each gate, whether it is latched and has opened.
    private var isLatched: [Bool]
    /// For each layer, the sites that have edits, gates or reads; `wanted` adds those that are observed. The last
    /// element is for the sites outside the layers.
    private let active: [SiteKinds]
    private let wanted: [SiteKinds]
    /// The observation of the values; the first one has a property of its own.
    ///
    /// Copying an element out of an array counts references, which takes longer than many an observation.
    private let observation: Observation?
    private let furtherObservations: [Observation]
    /// What was kept for each step and each of its reads.
    private var kept: [[(positions: [Int], values: [Float])]] = []

    /// - Parameters:
    ///   - openGates: for each step, the latched gates that its sequence's past has opened.
    ///   - observers: the observers of the steps that have one.
    init(
        _ configuration: ModelConfiguration, steps: [Step], openGates: [Set<Gate>],
        observers: [(step: Int, observer: any SiteObserver)] = []
    ) {
        self.configuration = configuration
        let layers = configuration.layers
        var edits: [Int: [EditTarget]] = [:]
        var reads: [Int: [ReadTarget]] = [:]
        var gates: [GateTarget] = []
        var gatesOfSlot: [Int: [Int]] = [:]
        var active = [SiteKinds](repeating: SiteKinds(), count: layers + 1)
        func slot(_ site: Site) -> Int {
            active[site.layer ?? layers].insert(site.kind)
            return Self.slot(site.kind, site.layer, layers: layers)
        }
        for (step, request) in steps.enumerated() {
            for edit in request.edits where !edit.isIdentity {
                var index: Int?
                if let gate = edit.gate {
                    index = gates.firstIndex { $0.step == step && $0.gate == gate }
                    if index == nil {
                        index = gates.count
                        gatesOfSlot[slot(gate.site), default: []].append(gates.count)
                        gates.append(GateTarget(gate: gate, step: step, range: gate.range(configuration)))
                    }
                }
                edits[slot(edit.site), default: []].append(
                    EditTarget(edit: edit, step: step, range: edit.range(configuration), gate: index))
            }
            for (index, read) in request.reads.enumerated() {
                reads[slot(read.site), default: []].append(ReadTarget(rule: read.positions, step: step, index: index))
            }
            kept.append(Array(repeating: ([], []), count: request.reads.count))
        }
        self.active = active
        let observations = observers.map { step, observer in
            Observation(step: step, observer: observer, sites: (0..<layers).map(observer.sites))
        }
        observation = observations.first
        furtherObservations = Array(observations.dropFirst())
        for observation in observations {
            for layer in 0..<layers { active[layer].formUnion(observation.sites[layer]) }
        }
        wanted = active
        self.gates = gates
        self.gatesOfSlot = gatesOfSlot
        openPositions = Array(repeating: [], count: gates.count)
        isLatched = gates.map { openGates[$0.step].contains($0.gate) }
        self.edits = edits
        self.reads = reads
    }

    /// Whether anything reads, edits or observes a site.
    func wants(_ kind: SiteKind, _ layer: Int?) -> Bool { wanted[layer ?? configuration.layers].contains(kind) }

    /// Whether anything reads or edits a site at one row.
    func wants(_ kind: SiteKind, _ layer: Int?, row: PassRow) -> Bool {
        let slot = Self.slot(kind, layer, layers: configuration.layers)
        return (edits[slot] ?? []).contains { $0.step == row.step && row.matches($0.edit.positions) }
            || (reads[slot] ?? []).contains { $0.step == row.step && row.matches($0.rule) }
    }

    /// Applies the edits of a site, and then keeps the values that are read.
    ///
    /// - Parameters:
    ///   - values: one row for each of `rows`, `stride` apart.
    func visit(
        _ kind: SiteKind, _ layer: Int?, _ values: UnsafeMutablePointer<Float>, stride: Int, rows: [PassRow]
    ) {
        let place = layer ?? configuration.layers
        guard wanted[place].contains(kind) else { return }
        if active[place].contains(kind) { editAndKeep(kind, layer, values, stride: stride, rows: rows) }
        guard let layer else { return }
        if let observation { show(kind, layer, values, stride: stride, rows: rows, to: observation) }
        for further in furtherObservations { show(kind, layer, values, stride: stride, rows: rows, to: further) }
    }

    private func show(
        _ kind: SiteKind, _ layer: Int, _ values: UnsafeMutablePointer<Float>, stride: Int, rows: [PassRow],
        to observation: Observation
    ) {
        guard observation.sites[layer].contains(kind) else { return }
        for row in rows.indices where rows[row].step == observation.step {
            observation.observer.observe(
                kind, layer, UnsafeBufferPointer(start: values + row * stride, count: stride))
        }
    }

    private func editAndKeep(
        _ kind: SiteKind, _ layer: Int?, _ values: UnsafeMutablePointer<Float>, stride: Int, rows: [PassRow]
    ) {
        let slot = Self.slot(kind, layer, layers: configuration.layers)
        for gate in gatesOfSlot[slot] ?? [] { decide(gate, values, stride: stride, rows: rows) }
        for target in edits[slot] ?? [] {
            for (index, row) in rows.enumerated() where row.step == target.step && row.matches(target.edit.positions) {
                if let gate = target.gate, !openPositions[gate].contains(row.position) { continue }
                target.edit.apply(
                    to: values + index * stride + target.range.lowerBound, count: target.range.count, place: row.place)
            }
        }
        let size = kind == .pattern ? stride : Site(kind, layer: layer).size(configuration)
        for target in reads[slot] ?? [] {
            for (index, row) in rows.enumerated() where row.step == target.step && row.matches(target.rule) {
                kept[target.step][target.index].positions.append(row.position)
                kept[target.step][target.index].values.append(
                    contentsOf: UnsafeBufferPointer(start: values + index * stride, count: size))
            }
        }
    }

    /// Decides a gate position by position; the rows of a step are in the order of their positions.
    private func decide(_ index: Int, _ values: UnsafeMutablePointer<Float>, stride: Int, rows: [PassRow]) {
        let target = gates[index]
        for (row, place) in rows.enumerated() where place.step == target.step {
            let isOpen =
                place.matches(target.gate.positions)
                && target.gate.opens(values + row * stride + target.range.lowerBound)
            if isOpen, target.gate.mode == .latched { isLatched[index] = true }
            if isOpen || isLatched[index] { openPositions[index].insert(place.position) }
        }
    }

    /// The latched gates of a step that are open after its last position.
    func openedGates(_ step: Int) -> [Gate] {
        gates.indices.compactMap { isLatched[$0] && gates[$0].step == step ? gates[$0].gate : nil }
    }

    /// The values that a step's reads kept.
    func results(_ step: Int, _ request: Step) -> [ReadResult] {
        zip(request.reads, kept[step]).map { read, kept in
            let rows = kept.positions.count
            return ReadResult(
                read: read, positions: kept.positions,
                values: Matrix(
                    rows: rows, columns: rows == 0 ? 0 : kept.values.count / rows, elements: kept.values))
        }
    }

    private static func slot(_ kind: SiteKind, _ layer: Int?, layers: Int) -> Int {
        (layer ?? layers) * SiteKind.count + kind.rawValue
    }
}
