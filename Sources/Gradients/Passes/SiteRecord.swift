import TensorCore
import Transformer

/// The requests of a pass's texts at each site: their edits, forward and backward, and the values kept for their reads.
final class SiteRecord {
    private struct EditTarget {
        let edit: Edit
        let text: Int
        let range: Range<Int>
    }
    private struct ReadTarget {
        let rule: PositionRule
        let text: Int
        let index: Int
    }
    private struct Kept {
        var positions: [Int] = []
        var values: [Float] = []
        var gradients: [Float] = []
    }

    private let configuration: ModelConfiguration
    private let texts: [GradientText]
    /// Keyed by slot, which stands for a site of a layer.
    private var edits: [Int: [EditTarget]] = [:]
    private var reads: [Int: [ReadTarget]] = [:]
    /// The kept values of each text's reads.
    private var kept: [[Kept]]

    init(_ configuration: ModelConfiguration, texts: [GradientText]) {
        self.configuration = configuration
        self.texts = texts
        kept = texts.map { $0.reads.map { _ in Kept() } }
        for (text, request) in texts.enumerated() {
            for edit in request.edits where !edit.isIdentity {
                edits[slot(edit.site.kind, edit.site.layer), default: []].append(
                    EditTarget(edit: edit, text: text, range: edit.range(configuration)))
            }
            for (index, read) in request.reads.enumerated() {
                reads[slot(read.site.kind, read.site.layer), default: []].append(
                    ReadTarget(rule: read.positions, text: text, index: index))
            }
        }
    }

    /// The lowest layer with a read, which the backward pass has to reach: L for sites after the last block; nil if
    /// there is no read.
    var lowestLayer: Int? {
        texts.lazy.flatMap(\.reads).map { $0.site.layer ?? self.configuration.layers }.min()
    }

    /// Whether anything is read in a layer at a site or before it.
    func reads(upTo kind: SiteKind, of layer: Int) -> Bool {
        texts.contains { text in
            text.reads.contains { $0.site.layer == layer && $0.site.isNotAfter(Site(kind, layer: layer)) }
        }
    }

    /// The texts that read a site.
    func readers(of kind: SiteKind, _ layer: Int) -> Set<Int> { Set((reads[slot(kind, layer)] ?? []).map(\.text)) }

    /// Whether a text reads a site at a row.
    func wants(_ kind: SiteKind, row: PassRow) -> Bool {
        (reads[slot(kind, nil)] ?? []).contains { $0.text == row.step && row.matches($0.rule) }
    }

    // MARK: - Forward

    /// Keeps the values that are read, and then applies the edits.
    func visit(
        _ kind: SiteKind, _ layer: Int?, _ values: UnsafeMutablePointer<Float>, stride: Int, rows: [PassRow]
    ) {
        keep(kind, layer, values, \.values, stride: stride, rows: rows)
        edit(kind, layer, values, stride: stride, rows: rows)
    }

    /// Applies the edits of a site.
    func edit(
        _ kind: SiteKind, _ layer: Int?, _ values: UnsafeMutablePointer<Float>, stride: Int, rows: [PassRow]
    ) {
        for target in edits[slot(kind, layer)] ?? [] {
            for (index, row) in rows.enumerated() where row.step == target.text && row.matches(target.edit.positions) {
                target.edit.apply(
                    to: values + index * stride + target.range.lowerBound, count: target.range.count, place: row.place)
            }
        }
    }

    // MARK: - Backward

    /// Keeps the gradients that are read, which are those after the edits, and takes them back to before the edits.
    func takeBack(
        _ kind: SiteKind, _ layer: Int?, _ gradients: UnsafeMutablePointer<Float>, stride: Int, rows: [PassRow]
    ) {
        keep(kind, layer, gradients, \.gradients, stride: stride, rows: rows)
        for target in (edits[slot(kind, layer)] ?? []).reversed() {
            for (index, row) in rows.enumerated() where row.step == target.text && row.matches(target.edit.positions) {
                target.edit.takeBack(
                    gradients + index * stride + target.range.lowerBound, count: target.range.count, place: row.place)
            }
        }
    }

    /// Keeps values and gradients together, for sites whose values aren't known earlier.
    func keep(
        _ kind: SiteKind, _ layer: Int?, values: UnsafePointer<Float>, gradients: UnsafePointer<Float>, stride: Int,
        rows: [PassRow]
    ) {
        keep(kind, layer, values, \.values, stride: stride, rows: rows)
        keep(kind, layer, gradients, \.gradients, stride: stride, rows: rows)
    }

    private func keep(
        _ kind: SiteKind, _ layer: Int?, _ values: UnsafePointer<Float>, _ place: WritableKeyPath<Kept, [Float]>,
        stride: Int, rows: [PassRow]
    ) {
        for target in reads[slot(kind, layer)] ?? [] {
            for (index, row) in rows.enumerated() where row.step == target.text && row.matches(target.rule) {
                kept[target.text][target.index][keyPath: place].append(
                    contentsOf: UnsafeBufferPointer(start: values + index * stride, count: stride))
                if place == \.values { kept[target.text][target.index].positions.append(row.position) }
            }
        }
    }

    /// The values and gradients that a text's reads kept.
    func results(of text: Int) -> [SiteGradient] {
        zip(texts[text].reads, kept[text]).map { read, kept in
            let rows = kept.positions.count
            let columns = rows == 0 ? 0 : kept.values.count / rows
            return SiteGradient(
                read: read, positions: kept.positions,
                values: Matrix(rows: rows, columns: columns, elements: kept.values),
                gradients: Matrix(rows: rows, columns: columns, elements: kept.gradients))
        }
    }

    private func slot(_ kind: SiteKind, _ layer: Int?) -> Int {
        (layer ?? configuration.layers) * SiteKind.count + kind.rawValue
    }
}
