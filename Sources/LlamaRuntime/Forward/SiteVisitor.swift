import TensorCore

/// Carries out a pass's edits and keeps what its reads ask for, at each site as it is computed.
final class SiteVisitor {
    private struct EditTarget {
        let edit: Edit
        let step: Int
        let range: Range<Int>
    }
    private struct ReadTarget {
        let rule: PositionRule
        let step: Int
        let index: Int
    }

    private let configuration: LlamaConfiguration
    private let edits: [[EditTarget]]
    private let reads: [[ReadTarget]]
    /// Whether a slot has edits or reads.
    private let isActive: [Bool]
    /// What was kept, for each step and each of its reads.
    private var kept: [[(positions: [Int], values: [Float])]] = []

    init(_ configuration: LlamaConfiguration, steps: [Step]) {
        self.configuration = configuration
        let slots = SiteKind.count * (configuration.layers + 1)
        var edits: [[EditTarget]] = Array(repeating: [], count: slots)
        var reads: [[ReadTarget]] = Array(repeating: [], count: slots)
        func slot(_ site: Site) -> Int { Self.slot(site.kind, site.layer, layers: configuration.layers) }
        for (step, request) in steps.enumerated() {
            for edit in request.edits where !edit.change.isIdentity {
                edit.check(configuration)
                edits[slot(edit.site)].append(
                    EditTarget(edit: edit, step: step, range: edit.range(configuration)))
            }
            for (index, read) in request.reads.enumerated() {
                precondition(
                    (read.site.layer ?? 0) < configuration.layers && (read.site.layer ?? 0) >= 0,
                    "The model has \(configuration.layers) layers; there is no \(read.site).")
                reads[slot(read.site)].append(ReadTarget(rule: read.positions, step: step, index: index))
            }
            kept.append(Array(repeating: ([], []), count: request.reads.count))
        }
        isActive = zip(edits, reads).map { !$0.isEmpty || !$1.isEmpty }
        self.edits = edits
        self.reads = reads
    }

    /// Whether anybody reads or edits a site.
    func wants(_ kind: SiteKind, _ layer: Int?) -> Bool {
        isActive[Self.slot(kind, layer, layers: configuration.layers)]
    }

    /// Whether anybody reads or edits a site at one row.
    func wants(_ kind: SiteKind, _ layer: Int?, row: PassRow) -> Bool {
        let slot = Self.slot(kind, layer, layers: configuration.layers)
        return edits[slot].contains { $0.step == row.step && row.matches($0.edit.positions) }
            || reads[slot].contains { $0.step == row.step && row.matches($0.rule) }
    }

    /// Carries out the edits of a site and then keeps what is read of it.
    ///
    /// - Parameters:
    ///   - values: one row for each of `rows`, `stride` apart.
    func visit(
        _ kind: SiteKind, _ layer: Int?, _ values: UnsafeMutablePointer<Float>, stride: Int, rows: [PassRow]
    ) {
        let slot = Self.slot(kind, layer, layers: configuration.layers)
        guard isActive[slot] else { return }
        for target in edits[slot] {
            for (index, row) in rows.enumerated() where row.step == target.step && row.matches(target.edit.positions) {
                target.edit.change.apply(
                    to: values + index * stride + target.range.lowerBound, count: target.range.count, place: row.place)
            }
        }
        let size = kind == .pattern ? stride : Site(kind, layer: layer).size(configuration)
        for target in reads[slot] {
            for (index, row) in rows.enumerated() where row.step == target.step && row.matches(target.rule) {
                kept[target.step][target.index].positions.append(row.position)
                kept[target.step][target.index].values.append(
                    contentsOf: UnsafeBufferPointer(start: values + index * stride, count: size))
            }
        }
    }

    /// What a step's reads kept.
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
