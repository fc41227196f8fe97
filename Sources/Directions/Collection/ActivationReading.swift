import DataFiles
import DataSets
import TensorCore
import Transformer

/// One site of all layers, read on a set of texts in batches of texts of similar length.
///
/// A row holds the values at one position, or their mean over the span: [layers, heads, headSize] of the site. A site
/// without heads has one head of the whole width, and a site after the last block has one layer.
public struct ActivationReading: Sendable {
    /// The model that reads the texts.
    public let model: LanguageModel
    /// The texts, in the order of the rows.
    public let texts: [PreparedText]
    /// The site whose values are kept.
    public let site: SiteKind
    /// The positions of a text that are read.
    public let positions: ReadPositions
    /// The texts of each batch, shortest first; at most ``Run/maximumRows`` tokens each.
    public let batches: [[Int]]
    /// The first row of each text, then the number of all rows.
    public let rowOffsets: [Int]
    /// The number of layers in a row: the model's, or 1 for a site after the last block.
    public let layers: Int
    /// The number of heads in a row: H or K of a site that has heads, else 1.
    public let heads: Int
    /// The number of values of a head: D, or the whole width of a site without heads.
    public let headSize: Int

    /// The number of rows.
    public var rows: Int { rowOffsets[texts.count] }
    /// The number of values in a row.
    public var rowSize: Int { layers * heads * headSize }

    /// - Parameter site: z by default; any but the attention pattern, whose size differs between texts.
    /// - Throws: `InputError` if the site is the pattern, a text is longer than the model's context, or there are no
    ///   texts.
    public init(
        _ model: LanguageModel, _ texts: [PreparedText], positions: ReadPositions = .last, site: SiteKind = .z,
        file: String = "the data set"
    ) throws {
        guard site != .pattern else {
            throw InputError.usage("the attention pattern has no fixed size", remedy: "collect another site")
        }
        guard !texts.isEmpty else { throw InputError.badData("no rows", in: file, remedy: "add at least one text") }
        let c = model.configuration
        if let long = texts.first(where: { $0.tokens.count > c.context }) {
            throw InputError(
                .tooLong,
                "a text of \(long.tokens.count) tokens, more than the model's context of \(c.context)",
                in: "\(file): line \(long.line)", remedy: "shorten the text")
        }
        self.model = model
        self.texts = texts
        self.site = site
        self.positions = positions
        layers = site.isInBlock ? c.layers : 1
        let shape = Site(site, layer: site.isInBlock ? 0 : nil).shape(c)
        heads = shape.count == 2 ? shape[0] : 1
        headSize = shape[shape.count - 1]
        batches = Self.batches(texts.map(\.tokens.count))
        rowOffsets = texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + (positions == .all ? $1.tokens.count : 1)) }
    }

    /// The values read from one text.
    public struct Result: Sendable {
        /// The text's number.
        public let text: Int
        /// The site's values, [rows of the text, layers, heads, headSize].
        public let values: [Float]
        /// The norm of the residual stream before each layer (for a span, of the mean stream), [rows of the text, L].
        public let residualNorms: [Float]
        /// The residual stream after each layer, [rows of the text, L, M]; empty unless it was asked for.
        let residual: [Float]
    }

    /// Takes one batch through the model; beginnings that several of its texts share are computed once.
    ///
    /// - Parameter run: any run of the model; its sequences are replaced.
    /// - Throws: `InputError` if an activation is NaN or infinite; `CancellationError`.
    public func read(batch: Int, _ run: Run) throws -> [Result] {
        try read(batch: batch, run, withResidual: false)
    }

    /// - Parameter withResidual: whether the residual stream after each layer is kept too.
    func read(batch: Int, _ run: Run, withResidual: Bool) throws -> [Result] {
        let c = model.configuration
        let texts = batches[batch]
        run.sequences = try beginnings(of: texts, run)
        let sites = site.isInBlock ? (0..<c.layers).map { Site(site, layer: $0) } : [Site(site)]
        var streams = (0..<c.layers).map { Site.residualPre($0) }
        if withResidual { streams += (0..<c.layers).map { Site.residualPost($0) } }
        let steps = texts.enumerated().map { index, text in
            let range = self.texts[text].positions
            let rule = PositionRule.range(from: range.lowerBound, to: range.upperBound)
            return Step(
                sequence: index, tokens: Array(self.texts[text].tokens.dropFirst(run.sequences[index].count)),
                reads: (sites + streams).map { Read($0, at: rule) },
                logits: site == .logits ? rule : nil)
        }
        return try zip(texts, try run.advance(steps)).map { text, result in
            let count = rowOffsets[text + 1] - rowOffsets[text]
            var values = [Float](repeating: 0, count: count * rowSize)
            var norms = [Float](repeating: 0, count: count * c.layers)
            var residual = [Float](repeating: 0, count: withResidual ? count * c.layers * c.width : 0)
            for (index, read) in result.reads.enumerated() {
                // For one position the mean is the value itself.
                let matrix = positions == .all ? read.values : read.values.columnMeans()
                for row in 0..<count {
                    let position = matrix.row(row)
                    if index < sites.count {
                        let start = row * rowSize + index * heads * headSize
                        values.replaceSubrange(start..<start + position.count, with: position)
                    } else if index < sites.count + c.layers {
                        norms[row * c.layers + index - sites.count] = Float(
                            position.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
                    } else {
                        let start = (row * c.layers + index - sites.count - c.layers) * c.width
                        residual.replaceSubrange(start..<start + c.width, with: position)
                    }
                }
            }
            if let index = values.firstIndex(where: { !$0.isFinite }) {
                let block = index % rowSize / headSize
                throw ActivationTable.nonFinite(
                    values[index], at: Head(layer: block / heads, index: block % heads), example: text)
            }
            return Result(text: text, values: values, residualNorms: norms, residual: residual)
        }
    }

    /// The state of each text of a batch after the beginning that it shares with others, before the first token that is
    /// read.
    func beginnings(of batch: [Int], _ run: Run) throws -> [SequenceState] {
        // Rotary frequencies may depend on a text's length.
        let groups = Dictionary(grouping: batch) { model.longestText(promptCount: texts[$0].tokens.count) }
        let starts = groups.sorted { $0.key < $1.key }.map { _, members in
            SharedBeginnings.Start(
                model.makeSequence(promptCount: members.map { texts[$0].tokens.count }.max() ?? 1),
                members.map { text in
                    // A text that shares all of its tokens would have nothing left to read.
                    let most = min(texts[text].positions.lowerBound, texts[text].tokens.count - 1)
                    return SharedBeginnings.Member(text, Array(texts[text].tokens.prefix(most)))
                })
        }
        let states = try SharedBeginnings(run: run).advanceShared(starts, least: Self.leastShared)
        return batch.compactMap { states[$0] }
    }

    /// The fewest shared tokens that are worth a pass of their own.
    private static let leastShared = 16

    /// The indices of the texts, in batches of similar length and at most ``Run/maximumRows`` tokens, shortest first.
    static func batches(_ lengths: [Int]) -> [[Int]] {
        var batches: [[Int]] = []
        var rows = 0
        for text in lengths.indices.sorted(by: { (lengths[$0], $0) < (lengths[$1], $1) }) {
            if batches.isEmpty || rows + lengths[text] > Run.maximumRows {
                batches.append([])
                rows = 0
            }
            batches[batches.count - 1].append(text)
            rows += lengths[text]
        }
        return batches
    }
}
