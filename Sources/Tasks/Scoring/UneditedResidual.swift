import DataFiles
import TensorCore
import Transformer

/// The residual stream that unedited passes over some texts have before some blocks.
///
/// An edited pass is the unedited one up to the first block that its edits concern, and can go on from there. So whatever pass comes by first
/// leaves what it has up to there, and none that follows computes it again.
///
/// Memory: 4 · M bytes for each token and block.
struct UneditedResidual {
    /// The most bytes that it takes unless something else is said: 256 MB.
    static let bytes = 1 << 28

    /// The blocks before which it is kept, in order: 1 ..< L, or every n-th where all would take too much.
    let blocks: [Int]
    /// What it takes once all is known.
    let bytes: Int
    private let width: Int
    /// The number of each text's tokens.
    private let lengths: [Int]
    /// [text][block]: the rows, [tokens, M]; empty where they aren't known yet.
    private var rows: [[[Float]]]

    /// Nothing is known yet.
    ///
    /// - Parameters:
    ///   - lengths: how many tokens each text has.
    ///   - most: the most bytes that it may take.
    init(lengths: [Int], _ c: ModelConfiguration, most: Int = UneditedResidual.bytes) {
        let blockBytes = 4 * c.width * lengths.reduce(0, +)
        let room = blockBytes > 0 ? max(most, 0) / blockBytes : 0
        let step = room > 0 ? max(1, (c.layers - 1 + room - 1) / room) : c.layers
        blocks = Array(stride(from: step, to: c.layers, by: step))
        bytes = blocks.count * blockBytes
        width = c.width
        self.lengths = lengths
        rows = []
        forget()
    }

    /// The blocks, `first` at most, before which all of some texts are known; 0 is always among them.
    func known(of texts: [Int], upTo first: Int) -> Set<Int> {
        let known = blocks.indices.filter { block in
            blocks[block] <= first && texts.allSatisfy { isKnown($0, block) }
        }
        return Set(known.map { blocks[$0] }).union([0])
    }

    /// The blocks that a pass leaves something new of, if it computes all from the block `start` on and reads what is unedited up to
    /// the block `last`.
    func wanted(of texts: [Int], from start: Int, upTo last: Int) -> [Int] {
        blocks.indices.filter { block in
            blocks[block] > start && blocks[block] <= last && texts.contains { !isKnown($0, block) }
        }.map { blocks[$0] }
    }

    /// Keeps a text's rows before some blocks, unless they are those of a part of the text.
    ///
    /// - Parameter values: for each of `blocks` the rows, [tokens · M].
    mutating func keep(_ text: Int, before blocks: [Int], _ values: [[Float]]) {
        for (block, values) in zip(blocks, values) where values.count == lengths[text] * width {
            if let index = self.blocks.firstIndex(of: block) { rows[text][index] = values }
        }
    }

    /// Forgets all rows: they don't follow from what texts begin with any more.
    mutating func forget() { rows = lengths.map { _ in blocks.map { _ in [] } } }

    /// A text's rows before a block.
    ///
    /// - Precondition: they are known.
    func rows(of text: Int, _ range: Range<Int>, before block: Int) -> Matrix {
        guard let index = blocks.firstIndex(of: block), isKnown(text, index) else {
            preconditionFailure("A pass can go on only from a block before which the residual stream was kept.")
        }
        return Matrix(
            rows: range.count, columns: width,
            elements: Array(rows[text][index][range.lowerBound * width..<range.upperBound * width]))
    }

    private func isKnown(_ text: Int, _ block: Int) -> Bool { lengths[text] == 0 || !rows[text][block].isEmpty }
}
