import DataFiles
import TensorCore
import Transformer

/// Finds out what edits do by running them: the tensors of a text with and without the edits, token by token as in
/// generation.
///
/// The edits of each target are run alone. An edit changes nothing that a pass computes before its site. At its site,
/// it changes only the heads and positions that it affects. So the first tensor that differs is the one that was
/// edited, and the differences in it show which heads and positions were edited.
final class EditTrace {
    /// A prompt and the tokens that follow it one by one.
    struct Text {
        var prompt: [Int]
        var following: [Int]
        var tokens: [Int] { prompt + following }
    }

    /// The values of sites at all positions of a text.
    struct Values {
        /// [positions][values]
        var rows: [Site: [[Float]]] = [:]
        /// [positions][V]
        var logits: [[Float]] = []
    }

    /// The differences in the first tensor that differs.
    struct Touched {
        var site: Site
        /// The heads whose values differ; nil at a site without heads.
        var heads: [Int]?
        /// The positions that differ, for each text.
        var positions: [[Int]]
        /// The targets that were touched, as plans name them.
        var targets: [EditTarget] {
            heads.map { heads in heads.compactMap { EditTarget(site, head: $0) } }
                ?? [EditTarget(site, head: nil)].compactMap(\.self)
        }
    }

    let model: LanguageModel
    let texts: [Text]
    /// The sites that are read, in the order of a pass.
    let sites: [Site]
    private let run: Run
    /// The values without any edit, for each text.
    private(set) var unedited: [Values] = []

    /// Runs the texts without edits.
    ///
    /// - Parameter layers: the number of layers that are read, from the first on.
    init(
        _ model: LanguageModel, texts: [Text], layers: Int, workers: WorkerPool, isCancelled: @escaping () -> Bool
    ) throws {
        self.model = model
        self.texts = texts
        sites = Site.all(model.configuration).filter { site in
            site.layer.map { $0 < layers } == true && EditTarget.sites.contains(site.kind)
        }
        run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        unedited = try values(under: [])
    }

    /// Runs the texts under edits.
    func values(under edits: [Edit]) throws -> [Values] {
        defer { run.sequences = [] }
        return try texts.map { text in
            run.sequences = [model.makeSequence(promptCount: text.prompt.count)]
            var values = Values()
            for tokens in [text.prompt] + text.following.map({ [$0] }) {
                let result = try run.advance([
                    Step(tokens: tokens, edits: edits, reads: sites.map { Read($0, at: .all) }, logits: .all)
                ])[0]
                for read in result.reads {
                    for row in 0..<read.values.rows {
                        values.rows[read.read.site, default: []].append(Array(read.values.row(row)))
                    }
                }
                for row in 0..<result.logits.rows { values.logits.append(Array(result.logits.row(row))) }
            }
            return values
        }
    }

    /// The differences in the first tensor that differs from the unedited run; nil if no tensor differs.
    func touched(_ values: [Values]) -> Touched? {
        for site in sites {
            var heads: Set<Int> = []
            var positions = texts.map { _ in [Int]() }
            let shape = site.shape(model.configuration)
            let size = shape.count == 2 ? shape[1] : site.size(model.configuration)
            for text in texts.indices {
                guard let before = unedited[text].rows[site], let after = values[text].rows[site] else { continue }
                for (position, (x, y)) in zip(before, after).enumerated() where !Self.haveSameBits(x, y) {
                    positions[text].append(position)
                    for start in stride(from: 0, to: x.count, by: size)
                    where !Self.haveSameBits(Array(x[start..<start + size]), Array(y[start..<start + size])) {
                        heads.insert(start / size)
                    }
                }
            }
            if positions.contains(where: { !$0.isEmpty }) {
                return Touched(site: site, heads: shape.count == 2 ? heads.sorted() : nil, positions: positions)
            }
        }
        return nil
    }

    /// Whether two runs are bit-identical everywhere, including the logits.
    func areSame(_ first: [Values], _ second: [Values]) -> Bool {
        zip(first, second).allSatisfy { a, b in
            a.logits.count == b.logits.count && zip(a.logits, b.logits).allSatisfy(Self.haveSameBits)
                && sites.allSatisfy { site in
                    zip(a.rows[site] ?? [], b.rows[site] ?? []).allSatisfy(Self.haveSameBits)
                }
        }
    }

    /// The values of a target at all positions of a text, [positions][n].
    func rows(_ target: EditTarget, _ values: Values) -> [[Double]] {
        (values.rows[target.site] ?? []).map { row in
            guard let head = target.head else { return row.map(Double.init) }
            let size = model.configuration.headSize
            return row[head.index * size..<(head.index + 1) * size].map(Double.init)
        }
    }

    private static func haveSameBits(_ x: [Float], _ y: [Float]) -> Bool {
        x.count == y.count && zip(x, y).allSatisfy { $0.bitPattern == $1.bitPattern }
    }
}
